// SPDX-License-Identifier: MIT
/// \file
/// For tests of time: an origin that is a multiple of all used granularities, and emitted points as one text.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/clock.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/testkit/manual_clock.hpp>
#include <tickertape/testkit/memory.hpp>

namespace test {

/// A multiple of two hours since 1970.
inline constexpr tickertape::WallTime origin{std::chrono::seconds{236'112 * 7200}};

/// A ManualClock at the origin, or this much later.
class OriginClock {
public:
    explicit OriginClock(std::chrono::nanoseconds after = std::chrono::nanoseconds{0}) : clock_{origin + after} {}

    tickertape::testkit::ManualClock* operator->() noexcept { return &clock_; }
    tickertape::testkit::ManualClock& operator*() noexcept { return clock_; }

private:
    tickertape::testkit::ManualClock clock_;
};

/// A clock at the origin without automatic ticks, like LoopClock. A wait on it passes time.
class HandClock final : public tickertape::Clock {
public:
    void pass(std::chrono::nanoseconds time) { time_.stall(time); }
    void step(std::chrono::nanoseconds time) { time_.step(time); }

    [[nodiscard]] tickertape::Clock::Reading read() const override { return time_.read(); }
    bool wait_until(tickertape::SteadyTime due, const std::stop_token& stop) override {
        if (stop.stop_requested()) {
            return false;
        }
        pass(std::max(std::chrono::nanoseconds{0}, due - read().steady));
        return true;
    }
    void attach(std::shared_ptr<tickertape::clock::Alarm> /*alarm*/) override {}
    void detach(tickertape::clock::Alarm& /*alarm*/, tickertape::SteadyTime /*deadline*/) override {}
    void rearm(tickertape::clock::Alarm& /*alarm*/) override {}

private:
    tickertape::testkit::ManualClock time_{origin};
};

/// Returns seconds since the origin, with decimals only if there are any: `3`, `-1.5`, `0.001`.
inline std::string seconds_text(std::chrono::nanoseconds time) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    std::string text = (milliseconds < 0 ? "-" : "") + std::to_string(std::abs(milliseconds) / 1000);
    if (const auto rest = std::abs(milliseconds) % 1000; rest != 0) {
        const std::string digits = std::to_string(1000 + rest).substr(1);
        text += "." + digits.substr(0, digits.find_last_not_of('0') + 1);
    }
    return text;
}

/// Returns `timestamp=value timestamp=value` of all points, or of one metric. Timestamps are in seconds since the origin.
inline std::string text_of(const std::vector<tickertape::Point>& points, std::string_view metric = {}) {
    std::string text;
    for (const tickertape::Point& point : points) {
        if (metric.empty() || point.series().metric() == metric) {
            text += text.empty() ? "" : " ";
            text += seconds_text(point.time() - origin) + "=" + to_string(point.value());
        }
    }
    return text;
}

inline std::string text_of(const tickertape::Memory& memory, std::string_view metric = {}) {
    return text_of(memory.points(), metric);
}

/// Returns the points that a dump emits now.
inline std::string dumped(tickertape::CounterBase& counter) {
    tickertape::Memory memory;
    counter.dump(memory);
    return text_of(memory);
}

/// Returns the buckets of a window as `timestamp=value` with a sign for the state: `!` smeared, `~` partial, `-` absent.
template <class T>
std::string text_of(const tickertape::Window<T>& window) {
    std::string text;
    for (const tickertape::Bucket<T>& bucket : window) {
        text += text.empty() ? "" : " ";
        text += seconds_text(bucket.start - origin) + "=";
        switch (bucket.state) {
        case tickertape::BucketState::absent: text += "-"; continue;
        case tickertape::BucketState::smeared: text += "!"; break;
        case tickertape::BucketState::partial: text += "~"; break;
        case tickertape::BucketState::full: break;
        }
        text += to_string(tickertape::Value{bucket.value});
    }
    return text;
}

} // namespace test
