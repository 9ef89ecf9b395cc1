// SPDX-License-Identifier: MIT
/// \file
/// Gives memory back to the system.
#pragma once

#include <malloc.h>
#include <sys/mman.h>

#include <cstddef>
#include <limits>
#include <new>
#include <string>

namespace tickertape::base {

/// Gives the heap's free pages back to the system, because malloc keeps free memory between used blocks. Goes through the whole
/// heap.
inline void give_back_free_memory() noexcept {
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

/// Allocates pages of their own for large buffers, which grow and shrink. If malloc allocated them, it would keep twice as much
/// at the end of each thread's heap once the first of them is freed, and `malloc_trim` does not give that back.
template <class T>
struct PageAllocator {
    using value_type = T;

    PageAllocator() = default;
    template <class Other>
    explicit PageAllocator(const PageAllocator<Other>& /*other*/) noexcept {}

    [[nodiscard]] T* allocate(std::size_t count) {
        if (count > std::numeric_limits<std::size_t>::max() / sizeof(T)) {
            throw std::bad_alloc{};
        }
        if (count * sizeof(T) < large) {
            return static_cast<T*>(::operator new(count * sizeof(T)));
        }
        void* const pages =
            mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED) { // NOLINT(*-int-to-ptr,*-cstyle-cast): the system's
            throw std::bad_alloc{};
        }
        return static_cast<T*>(pages);
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        if (count * sizeof(T) < large) {
            ::operator delete(memory);
        } else {
            munmap(memory, count * sizeof(T));
        }
    }

    friend bool operator==(const PageAllocator& /*a*/, const PageAllocator& /*b*/) noexcept { return true; }

private:
    static constexpr std::size_t large = std::size_t{64} * 1024;
};

using PageString = std::basic_string<char, std::char_traits<char>, PageAllocator<char>>;

} // namespace tickertape::base
