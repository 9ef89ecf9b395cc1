// SPDX-License-Identifier: MIT
/// \file
/// Helpers for tests of counters.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ostream>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <tickertape/counter.hpp>
#include <tickertape/testkit/manual_clock.hpp>
#include <tickertape/testkit/memory.hpp>

namespace test {

/// The start of a ManualClock: a multiple of 1 ms, 1 s, 15 s and 1 min.
inline constexpr tickertape::WallTime epoch{std::chrono::seconds{1'700'001'000}};

/// Counts the values of destroyed counters that were not emitted, since this object was made. Other tests of the process leave some, too.
class Undumped {
public:
    [[nodiscard]] std::int64_t operator()() const { return tickertape::process_stats().counts_undumped - before_; }

private:
    std::int64_t before_ = tickertape::process_stats().counts_undumped;
};

/// A point of a bucket: its start since `epoch`, and its value.
struct Emitted {
    std::chrono::nanoseconds start;
    double value;

    friend bool operator==(const Emitted&, const Emitted&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Emitted& emitted) {
        return out << std::chrono::duration<double>{emitted.start}.count() << " s: " << emitted.value;
    }
};

/// Returns the points of `metric`, in order.
inline std::vector<Emitted> emitted(const tickertape::Memory& memory, std::string_view metric) {
    std::vector<Emitted> all;
    for (const tickertape::Point& point : memory.points()) {
        if (point.series().metric() == metric) {
            all.push_back({point.time() - epoch, point.value().as_double()});
        }
    }
    return all;
}

/// Returns the sum of the emitted points of `metric`, a rate.
inline std::int64_t sum(const tickertape::Memory& memory, std::string_view metric) {
    std::int64_t sum = 0;
    for (const tickertape::Point& point : memory.points()) {
        sum += point.series().metric() == metric ? point.value().integer() : 0;
    }
    return sum;
}

/// Returns whether the timestamps of `metric` strictly increase.
inline bool in_order(const tickertape::Memory& memory, std::string_view metric) {
    const std::vector<Emitted> all = emitted(memory, metric);
    return std::adjacent_find(all.begin(), all.end(),
                              [](const Emitted& a, const Emitted& b) { return a.start >= b.start; }) == all.end();
}

/// Runs `f(0)` … `f(count - 1)`, each on its own thread, and `meanwhile` on this one. Waits for all.
template <class F, class Meanwhile>
void on_threads(int count, F f, Meanwhile meanwhile) {
    std::vector<std::thread> threads;
    threads.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        threads.emplace_back(f, i);
    }
    meanwhile();
    for (std::thread& thread : threads) {
        thread.join();
    }
}

template <class F>
void on_threads(int count, F f) {
    on_threads(count, std::move(f), [] {});
}

} // namespace test
