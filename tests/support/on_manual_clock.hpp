// SPDX-License-Identifier: MIT
/// \file
/// Shared by tests of time: an origin that is a multiple of every granularity used, and emitted points as one text.
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

/// A ManualClock that stands at the origin, or so long after it.
class OriginClock {
public:
    explicit OriginClock(std::chrono::nanoseconds after = std::chrono::nanoseconds{0}) : clock_{origin + after} {}

    tickertape::testkit::ManualClock* operator->() noexcept { return &clock_; }
    tickertape::testkit::ManualClock& operator*() noexcept { return clock_; }

private:
    tickertape::testkit::ManualClock clock_;
};

/// A clock at the origin on which nothing ticks by itself, like LoopClock; waiting on it passes time.
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

/// Seconds since the origin, with decimals only if there are any: `3`, `-1.5`, `0.001`.
inline std::string seconds_text(std::chrono::nanoseconds time) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    std::string text = (milliseconds < 0 ? "-" : "") + std::to_string(std::abs(milliseconds) / 1000);
    if (const auto rest = std::abs(milliseconds) % 1000; rest != 0) {
        const std::string digits = std::to_string(1000 + rest).substr(1);
        text += "." + digits.substr(0, digits.find_last_not_of('0') + 1);
    }
    return text;
}

/// `timestamp=value timestamp=value`, timestamps in seconds since the origin; of all points, or those of one metric.
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

/// The buckets of a window, as `timestamp=value` with a sign for the state: `!` smeared, `~` partial, `-` for an absent one.
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
