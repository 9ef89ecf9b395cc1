// SPDX-License-Identifier: MIT
#include "push/rate_limit.hpp"

#include <algorithm>
#include <limits>

namespace tickertape::push {

namespace {

constexpr std::chrono::nanoseconds second{std::chrono::seconds{1}};

/// Returns the time that `lines` take at `rate` a second, rounded up.
std::chrono::nanoseconds time_of(std::uint64_t lines, std::uint32_t rate) {
    const auto nanoseconds = static_cast<std::uint64_t>(second.count());
    return std::chrono::nanoseconds{static_cast<std::int64_t>((lines * nanoseconds + rate - 1) / rate)};
}

auto millisecond_of(SteadyTime time) { return std::chrono::floor<std::chrono::milliseconds>(time); }

} // namespace

RateLimit::RateLimit(std::uint32_t lines_per_second) : rate_{lines_per_second} {}

std::uint32_t RateLimit::most_at_once() const noexcept {
    // A piece that does not fit into a window waits for the next one, so a window may lack up to the largest piece.
    constexpr std::uint32_t pieces_in_a_window = 25;
    return unlimited() ? std::numeric_limits<std::uint32_t>::max() : std::max(rate_ / pieces_in_a_window, 1U);
}

SteadyTime RateLimit::when(std::uint32_t lines, SteadyTime now) {
    if (unlimited()) {
        return now;
    }
    lines = std::min(lines, most_at_once());
    while (!last_second_.empty() && last_second_.front().when + second <= now) {
        lines_in_it_ -= last_second_.front().lines;
        last_second_.pop_front();
    }
    SteadyTime when = now;
    if (next_ >
        now) { // until `next_` the sent lines are covered by the rate; a tenth of a second's worth may be sent in advance
        constexpr std::uint32_t tenth = 10;
        when = std::max(when, next_ + time_of(lines, rate_) - time_of(std::max(rate_ / tenth, 1U), rate_));
    }
    std::uint64_t in_window = lines_in_it_;
    for (auto oldest = last_second_.begin(); in_window + lines > rate_; ++oldest) {
        when = std::max(when, oldest->when + second);
        in_window -= oldest->lines;
    }
    return when;
}

void RateLimit::sent(std::uint32_t lines, SteadyTime now) {
    if (unlimited() || lines == 0) {
        return;
    }
    next_ = std::max(next_, now) + time_of(lines, rate_);
    lines_in_it_ += lines;
    if (!last_second_.empty() && millisecond_of(last_second_.back().when) == millisecond_of(now)) {
        last_second_.back().when = now;
        last_second_.back().lines += lines;
    } else {
        last_second_.push_back({now, lines});
    }
}

} // namespace tickertape::push
