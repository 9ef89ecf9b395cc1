// SPDX-License-Identifier: MIT
/// \file
/// Measuring on a machine that does other things, too.
#pragma once

#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "report.hpp"

namespace bench {

/// Nanoseconds of `clock`: CLOCK_MONOTONIC, CLOCK_THREAD_CPUTIME_ID, CLOCK_PROCESS_CPUTIME_ID.
inline double now_ns(clockid_t clock = CLOCK_MONOTONIC) noexcept {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

/// The value below which `share` of `values` are.
inline double quantile(std::vector<double> values, double share) {
    if (values.empty()) {
        return 0;
    }
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// The quantile of the rounds that counts. Noise only adds time, so the lowest few show the time of the code itself. The very lowest
/// is not used, because it may be an odd one.
inline constexpr double lowest_few = 0.05;

/// Runs the cases in turn, many short rounds of each, so that other work of the machine affects all of them alike.
/// Returns for each the nanoseconds of a round. A case is a function without arguments: a round of it.
template <class... Cases>
std::array<double, sizeof...(Cases)> interleaved(std::size_t rounds, clockid_t clock, Cases... cases) {
    std::array<std::vector<double>, sizeof...(Cases)> times;
    for (std::size_t round = 0; round < rounds; ++round) {
        std::size_t place = 0;
        const auto measure = [&](auto& run) {
            const double before = now_ns(clock);
            run();
            times[place++].push_back(now_ns(clock) - before);
        };
        (measure(cases), ...);
    }
    std::array<double, sizeof...(Cases)> result{};
    std::transform(times.begin(), times.end(), result.begin(),
                   [](const std::vector<double>& each) { return quantile(each, lowest_few); });
    return result;
}

/// The same with two threads that run each round at the same time: `make(thread)` returns a tuple of the cases of a thread.
/// Leaves out rounds in which a thread had to wait for a processor, because they have no contention.
template <std::size_t Cases, class Make>
std::array<double, Cases> interleaved_on_two(std::size_t rounds, Make make) {
    struct Span {
        double begin = 0;
        double end = 0;
    };
    std::array<std::vector<std::array<Span, Cases>>, 2> spans;
    std::array<std::atomic<std::size_t>, 2> arrived{};
    const auto work = [&](std::size_t self) {
        auto cases = make(self);
        spans[self].resize(rounds);
        std::size_t meeting = 0;
        const auto meet = [&] {
            arrived[self].store(++meeting);
            while (arrived[1 - self].load() < meeting) { // does not yield, so that both stay on a processor
            }
        };
        for (std::size_t round = 0; round < rounds; ++round) {
            std::size_t place = 0;
            std::apply(
                [&](auto&... each) {
                    const auto measure = [&](auto& run) {
                        meet();
                        Span& span = spans[self][round][place++];
                        span.begin = now_ns();
                        run();
                        span.end = now_ns();
                    };
                    (measure(each), ...);
                },
                cases);
        }
    };
    std::thread other{work, 1};
    work(0);
    other.join();
    std::array<double, Cases> result{};
    for (std::size_t place = 0; place < Cases; ++place) {
        std::vector<double> kept;
        for (std::size_t round = 0; round < rounds; ++round) {
            const Span& a = spans[0][round][place];
            const Span& b = spans[1][round][place];
            const double together = std::min(a.end, b.end) - std::max(a.begin, b.begin);
            const double longer = std::max(a.end - a.begin, b.end - b.begin);
            if (together >= 0.8 * longer) {
                kept.push_back(longer);
            }
        }
        result[place] = quantile(kept, lowest_few);
    }
    return result;
}

inline constexpr std::array<std::size_t, 4> crowds{1, 2, 4, 8}; ///< numbers of threads
inline constexpr int calls_of_a_thread = 20'000;                ///< in a round

/// The time of a call, in nanoseconds.
struct CallCost {
    double wall; ///< the time of a round, divided by the number of calls of all threads
    double cpu;  ///< the processor time of the calling threads, divided by the same
};

/// Measures one round in which `threads` threads make calls at the same time. `make(thread)` returns the function that a thread
/// calls. With fewer processors than threads, the round includes the switches between them.
template <class Make>
CallCost round_on_threads(std::size_t threads, Make make) {
    struct Span {
        double begin = 0;
        double end = 0;
        double cpu = 0;
    };
    std::vector<Span> spans(threads);
    std::atomic<std::size_t> ready{0};
    std::vector<std::thread> all;
    for (std::size_t thread = 0; thread < threads; ++thread) {
        all.emplace_back([&, thread] {
            auto call = make(thread);
            ++ready;
            while (ready.load() < threads) {
                std::this_thread::yield();
            }
            const double cpu = now_ns(CLOCK_THREAD_CPUTIME_ID);
            const double begin = now_ns();
            for (int i = 0; i < calls_of_a_thread; ++i) {
                call();
            }
            spans[thread] = {begin, now_ns(), now_ns(CLOCK_THREAD_CPUTIME_ID) - cpu};
        });
    }
    for (std::thread& thread : all) {
        thread.join();
    }
    Span sum = spans[0];
    for (std::size_t thread = 1; thread < threads; ++thread) {
        sum = {std::min(sum.begin, spans[thread].begin), std::max(sum.end, spans[thread].end),
               sum.cpu + spans[thread].cpu};
    }
    const double of_all = static_cast<double>(threads) * calls_of_a_thread;
    return {(sum.end - sum.begin) / of_all, sum.cpu / of_all};
}

/// Returns the median of rounds; `drain()` runs between them.
template <class Make, class Drain>
CallCost cost_on_threads(std::size_t threads, Make make, Drain drain) {
    std::vector<double> walls;
    std::vector<double> cpus;
    for (int round = 0; round < 15; ++round) {
        const CallCost cost = round_on_threads(threads, make);
        walls.push_back(cost.wall);
        cpus.push_back(cost.cpu);
        drain();
    }
    return {quantile(walls, 0.5), quantile(cpus, 0.5)};
}

/// Writes the cost of `what` on `threads` threads, with its limits.
inline void say_call_cost(const std::string& what, std::size_t threads, const CallCost& cost) {
    const std::string who = std::to_string(threads) + (threads == 1 ? " thread" : " threads");
    say({"16.4", what + ", " + who + ", as measured", cost.wall, "ns",
         threads == 1   ? at_most(50)
         : threads == 8 ? at_most(70)
                        : Limit{}});
    say({"16.4", "its processor time, " + who, cost.cpu, "ns", threads == 8 ? at_most(100) : Limit{}});
}

/// Sixteen operations, unrolled, so that the loop around them counts for little.
template <class F>
inline void sixteen(F f) {
    f(), f(), f(), f(), f(), f(), f(), f();
    f(), f(), f(), f(), f(), f(), f(), f();
}

/// Makes the compiler believe that all memory has been read and written.
inline void clobber() noexcept { asm volatile("" ::: "memory"); }

} // namespace bench
