// SPDX-License-Identifier: MIT
// Recording from signal handlers that interrupt recording on the same thread, on the code path that programs run.
#include <tickertape/counter.hpp>

#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/counting.hpp"

using namespace std::chrono_literals;
using tickertape::Fold;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::rate;
using tickertape::stock;
using tickertape::testkit::ManualClock;

namespace {

// The objects that the signal handlers use. They are lock-free, as signal handlers require.
std::atomic<MetricCounter<rate>*> counted{nullptr};
std::atomic<MetricCounter<stock>*> read_into{nullptr};
std::atomic<std::int64_t> handled{0};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

void count_one(int) {
    const int error = errno;
    counted.load(std::memory_order_relaxed)->inc();
    handled.fetch_add(1, std::memory_order_relaxed);
    errno = error;
}

void add_one(int) {
    const int error = errno;
    read_into.load(std::memory_order_relaxed)->add(1);
    handled.fetch_add(1, std::memory_order_relaxed);
    errno = error;
}

void set_odd(int) {
    const int error = errno;
    const std::int64_t n = handled.fetch_add(1, std::memory_order_relaxed);
    read_into.load(std::memory_order_relaxed)->set(static_cast<double>(2 * n + 1));
    errno = error;
}

/// Installs a handler until the end of the scope. Other handlers may interrupt it.
class Handler {
public:
    Handler(int signal, void (*handler)(int)) : signal_{signal} {
        struct sigaction action{};
        action.sa_handler = handler;
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        sigaction(signal, &action, &before_);
    }
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;
    ~Handler() { sigaction(signal_, &before_, nullptr); }

private:
    int signal_;
    struct sigaction before_{};
};

/// Sends `signal` to the thread that made it, again and again. No signal is on its way after its end.
class Storm {
public:
    Storm(int signal, std::chrono::nanoseconds period) : signal_{signal} {
        struct sigevent event{};
        event.sigev_notify = SIGEV_THREAD_ID;
        event.sigev_signo = signal;
        event._sigev_un._tid = static_cast<pid_t>(syscall(SYS_gettid));
        if (timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) {
            throw std::runtime_error{"no timer"};
        }
        const timespec interval{0, static_cast<long>(period.count())};
        const itimerspec times{interval, interval};
        timer_settime(timer_, 0, &times, nullptr);
    }
    Storm(const Storm&) = delete;
    Storm& operator=(const Storm&) = delete;
    ~Storm() {
        timer_delete(timer_);
        // A pending signal is taken here.
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, signal_);
        pthread_sigmask(SIG_BLOCK, &set, nullptr);
        const timespec now{0, 0};
        while (sigtimedwait(&set, nullptr, &now) == signal_) {
        }
        pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    }

private:
    int signal_;
    timer_t timer_{};
};

// ThreadSanitizer holds signals back until the thread makes a call that may block, and may drop one. Without it, they come at any
// instruction.
#if defined(__SANITIZE_THREAD__)
constexpr bool held_back = true;
#elif defined(__has_feature)
constexpr bool held_back = __has_feature(thread_sanitizer);
#else
constexpr bool held_back = false;
#endif

/// Returns whether the handlers should be called more often, after this number of recordings. Under the sanitizer the storm of
/// signals may end early.
bool goes_on(std::int64_t wanted, std::int64_t recordings) {
    return handled.load(std::memory_order_relaxed) < wanted && (!held_back || recordings < 3'000'000);
}

void take_signals() {
    if constexpr (held_back) {
        poll(nullptr, 0, 0);
    }
}

} // namespace

TEST_CASE("a handler that counts loses no count of the loop that it interrupts, nor the loop its") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counted = &counter;
    handled = 0;
    std::int64_t made = 0;
    {
        const Handler first{SIGUSR1, &count_one};
        const Handler second{SIGUSR2, &count_one};
        const Storm storm{SIGUSR1, 20us};
        const Storm nested{SIGUSR2, 27us};
        while (goes_on(10'000, made)) {
            for (int i = 0; i < 100; ++i) {
                counter.inc();
            }
            made += 100;
            take_signals();
        }
    }
    clock.advance(1s);
    counter.dump(memory);
    CHECK(test::sum(memory, "counts") == made + handled);
}

TEST_CASE("a handler that counts loses no count while the sampler ticks") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 100ms, .granularity = 1ms, .clock = &clock}};
    counted = &counter;
    handled = 0;
    std::int64_t made = 0;
    std::atomic<bool> done{false};
    test::on_threads(
        1,
        [&](int) {
            const Handler handler{SIGUSR1, &count_one};
            const Storm storm{SIGUSR1, 20us};
            while (goes_on(5'000, made)) {
                for (int i = 0; i < 100; ++i) {
                    counter.inc();
                }
                made += 100;
                take_signals();
            }
            done = true;
        },
        [&] {
            while (!done) {
                clock.advance(1ms);
                counter.dump(memory);
            }
        });
    clock.advance(1ms);
    counter.dump(memory);
    CHECK(test::sum(memory, "counts") == made + handled);
}

TEST_CASE("a thread's first count may come from a handler") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counted = &counter;
    handled = 0;
    const Handler handler{SIGUSR1, &count_one};
    test::on_threads(20, [&](int) {
        pthread_kill(pthread_self(), SIGUSR1);
        counter.inc();
    });
    clock.advance(1s);
    counter.dump(memory);
    CHECK(test::sum(memory, "counts") == 20 + handled);
    CHECK(handled == 20);
}

TEST_CASE("a handler may come at any moment of a thread's first counts") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 10min, .granularity = 1s, .clock = &clock}};
    counted = &counter;
    handled = 0;
    std::int64_t made = 0;
    const Handler handler{SIGUSR1, &count_one};
    constexpr int threads = 100;
    constexpr int patience = held_back ? 1000 : 100'000'000;
    for (int i = 0; i < threads; ++i) {
        std::atomic<bool> begun{false};
        std::thread target{[&, before = handled.load()] {
            begun = true;
            for (int n = 0; handled == before && n < patience; ++n) {
                counter.inc();
                ++made;
                take_signals();
            }
        }};
        while (!begun) {
        }
        pthread_kill(target.native_handle(), SIGUSR1);
        target.join();
        clock.advance(1s);
    }
    counter.dump(memory);
    CHECK((held_back || handled == threads));
    CHECK(test::sum(memory, "counts") == made + handled);
}

TEST_CASE("a handler that sets a stock competes fairly with the thread that it interrupts") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.timespan = 20s, .granularity = 1s, .clock = &clock}};
    read_into = &level;
    handled = 0;
    std::int64_t even = 0;
    {
        const Handler handler{SIGUSR1, &set_odd};
        const Storm storm{SIGUSR1, 20us};
        std::int64_t at_last_advance = 0;
        while (goes_on(3'000, even / 2)) {
            for (int i = 0; i < 100; ++i) {
                level.set(static_cast<double>(even));
                even += 2;
            }
            take_signals();
            if (handled > at_last_advance + 30) {
                at_last_advance = handled;
                clock.advance(1s);
                level.dump(memory);
            }
        }
    }
    const std::vector<test::Emitted> emitted = test::emitted(memory, "level");
    CHECK(emitted.size() > (held_back ? 0U : 5U)); // 100, if the machine has the time
    double last_odd = -1;
    double last_even = -1;
    for (const auto& [time, value] : emitted) {
        // Each value was set, and an earlier value is never seen after a later one.
        double& last = static_cast<std::int64_t>(value) % 2 != 0 ? last_odd : last_even;
        CHECK(value > last);
        last = value;
    }
    CHECK(last_even < static_cast<double>(even));
    CHECK(last_odd < static_cast<double>(2 * handled));
}

TEST_CASE("a handler that moves a stock loses no step of the thread that it interrupts") {
    for (const Fold fold : {Fold::last, Fold::max, Fold::mean}) {
        CAPTURE(static_cast<int>(fold));
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> level{"level", {.fold = fold, .clock = &clock}};
        read_into = &level;
        handled = 0;
        std::int64_t steps = 0;
        {
            const Handler handler{SIGUSR1, &add_one};
            const Storm storm{SIGUSR1, 20us};
            while (goes_on(2'000, steps)) {
                for (int i = 0; i < 100; ++i) {
                    level.add(1);
                }
                steps += 100;
                take_signals();
            }
        }
        clock.advance(1s);
        level.add(0); // returns the level
        clock.advance(1s);
        level.dump(memory);
        CHECK(memory.points().back().value().integer() == steps + handled);
    }
}
