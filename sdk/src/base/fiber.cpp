// SPDX-License-Identifier: MIT
#include "base/fiber.hpp"

#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <system_error>
#include <utility>

#include "base/forks.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#elif defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace tickertape::base {

namespace {

constexpr std::size_t stack_size = std::size_t{512} * 1024;

std::size_t page_size() noexcept { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

/// Memory for a stack. The stack grows towards an inaccessible page at the start of the memory.
class Stack {
public:
    Stack()
        : begin_{mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)} {
        if (begin_ == MAP_FAILED) {
            throw std::system_error{errno, std::generic_category(), "there is no memory for a stack"};
        }
        mprotect(begin_, page_size(), PROT_NONE);
    }
    Stack(const Stack&) = delete;
    Stack& operator=(const Stack&) = delete;
    ~Stack() { munmap(begin_, stack_size); }

    [[nodiscard]] void* begin() const noexcept { return begin_; }

    /// Gives the pages that lie more than a page below `used` back to the kernel.
    void trim(std::uintptr_t used) const noexcept {
        const std::size_t page = page_size();
        const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(begin_) + page; // NOLINT(*-reinterpret-cast)
        const std::uintptr_t last = used / page * page - page;
        if (first < last && last < first + stack_size) {
            madvise(static_cast<char*>(begin_) + page, last - first, MADV_DONTNEED); // NOLINT(*-pointer-arithmetic)
        }
    }

private:
    void* begin_;
};

/// Reports each change of stacks to the sanitizers.
class Sanitizer {
public:
#if defined(__SANITIZE_ADDRESS__)
    void before_resume(const Stack& stack) { __sanitizer_start_switch_fiber(&of_resumer_, stack.begin(), stack_size); }
    void after_resume() { __sanitizer_finish_switch_fiber(of_resumer_, nullptr, nullptr); }
    void before_pause(bool is_end) { __sanitizer_start_switch_fiber(is_end ? nullptr : &own_, bottom_, size_); }
    void after_pause() { __sanitizer_finish_switch_fiber(own_, &bottom_, &size_); }

private:
    void* of_resumer_ = nullptr;
    void* own_ = nullptr; // null before the first change of stacks
    const void* bottom_ = nullptr;
    std::size_t size_ = 0;
#elif defined(__SANITIZE_THREAD__)
    Sanitizer() : own_{__tsan_create_fiber(0)} {}
    Sanitizer(const Sanitizer&) = delete;
    Sanitizer& operator=(const Sanitizer&) = delete;
    ~Sanitizer() { __tsan_destroy_fiber(own_); }
    void before_resume(const Stack&) {
        of_resumer_ = __tsan_get_current_fiber();
        __tsan_switch_to_fiber(own_, 0);
    }
    void after_resume() {}
    void before_pause(bool) { __tsan_switch_to_fiber(of_resumer_, 0); }
    void after_pause() {}

private:
    void* own_;
    void* of_resumer_ = nullptr;
#else
    void before_resume(const Stack& /*stack*/) {}
    void after_resume() {}
    void before_pause(bool /*is_end*/) {}
    void after_pause() {}
#endif
};

} // namespace

struct Fiber::Part {
    explicit Part(std::function<void()> its) : f{std::move(its)} {}

    /// The first function on the stack. makecontext passes numbers of 32 bits only, so the pointer comes in two halves.
    static void run(unsigned high, unsigned low) {
        // NOLINTNEXTLINE(*-reinterpret-cast,performance-no-int-to-ptr)
        Part& self = *reinterpret_cast<Part*>(static_cast<std::uintptr_t>(std::uint64_t{high} << 32U | low));
        self.sanitizer.after_pause();
        self.f();
        self.f = nullptr;
        self.has_ended = true;
        self.leave();
    }

    void leave() {
        sanitizer.before_pause(has_ended);
        swapcontext(&own, &resumer);
        sanitizer.after_pause();
    }

    std::function<void()> f;
    Stack stack;
    Sanitizer sanitizer;
    ucontext_t own{};
    ucontext_t resumer{};
    std::uintptr_t paused_at = 0; // the address of its frame
    bool has_begun = false;
    bool has_ended = false;
};

Fiber::Fiber(std::function<void()> f) : part_{std::make_unique<Part>(std::move(f))} {
    Part& part = *part_;
    if (getcontext(&part.own) != 0) {
        throw std::system_error{errno, std::generic_category(), "there is no context"};
    }
    part.own.uc_stack.ss_sp = part.stack.begin();
    part.own.uc_stack.ss_size = stack_size;
    part.own.uc_link = nullptr;                                         // its function never returns
    const std::uint64_t self = reinterpret_cast<std::uintptr_t>(&part); // NOLINT(*-reinterpret-cast)
    // NOLINTNEXTLINE(*-reinterpret-cast,*-vararg): that is how it takes functions and numbers
    makecontext(&part.own, reinterpret_cast<void (*)()>(&Part::run), 2, static_cast<unsigned>(self >> 32U),
                static_cast<unsigned>(self));
}

Fiber::~Fiber() {
    if (part_->has_begun && !part_->has_ended) {
        keep_for_ever(std::move(part_));
    }
}

void Fiber::resume() {
    part_->has_begun = true;
    pthread_sigmask(SIG_SETMASK, nullptr, &part_->own.uc_sigmask); // the mask of the present thread
    part_->sanitizer.before_resume(part_->stack);
    swapcontext(&part_->resumer, &part_->own);
    part_->sanitizer.after_resume();
}

void Fiber::pause() {
    part_->paused_at = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)); // NOLINT(*-reinterpret-cast)
    part_->leave();
}

bool Fiber::has_ended() const noexcept { return part_->has_ended; }

void Fiber::trim() noexcept {
    if (part_->has_begun && !part_->has_ended) {
        part_->stack.trim(part_->paused_at);
    }
}

} // namespace tickertape::base
