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
#include <thread>
#include <utility>
#include <vector>

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

/// Which of the rounds counts. Noise only ever adds; the lowest few are what the code itself takes. Not the very lowest,
/// so that one odd round decides nothing.
inline constexpr double lowest_few = 0.05;

/// Runs the cases in turn, many short rounds of each, so that whatever the machine does meanwhile meets all of them alike.
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

/// The same with two threads that run each round at the same time: `make(thread)` gives a tuple of the cases of a thread.
/// Rounds in which one of the two had to wait for a processor are left out, as contention vanishes there.
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
            while (arrived[1 - self].load() < meeting) { // without a yield: both are to be on a processor
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

/// Makes the compiler believe that all memory has been read and written.
inline void clobber() noexcept { asm volatile("" ::: "memory"); }

} // namespace bench
