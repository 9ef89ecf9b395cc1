// SPDX-License-Identifier: MIT
/// \file
/// BacklogPace: the rate at which a backlog is sent beside new points.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>

#include <tickertape/time.hpp>

namespace tickertape::stage {

/// By default a backlog goes out at no more than twice the rate at which points come in. After an outage it begins after a random
/// part of a second, so that many hosts do not overload a server that has just come back.
///
/// Thread safety: none.
class BacklogPace {
public:
    /// `per_second` 0: twice the rate of new points.
    BacklogPace(std::uint32_t per_second, std::uint64_t seed) : per_second_{per_second}, random_{seed} {}

    /// New points came in.
    void came(std::uint64_t points, SteadyTime now) noexcept {
        second_ = second_ == SteadyTime::min() ? now : second_;
        came_ += static_cast<double>(points);
    }
    /// There is no more input: from now on the rate is at least 10,000 points a second.
    void no_more_comes() noexcept { is_over_ = true; }
    /// The receiver takes points again.
    void begin_again(SteadyTime now) {
        hold_until_ = now + std::chrono::milliseconds{std::uniform_int_distribution<int>{0, 1000}(random_)};
        tokens_ = 0;
    }
    /// Returns the number of points that may be sent now.
    [[nodiscard]] std::size_t allowed(SteadyTime now) {
        constexpr double parts = 4; // of a second, so that requests are not tiny
        constexpr double enough = 1'000;
        refill(now);
        return now < hold_until_ || tokens_ < std::min(rate() / parts, enough) ? 0 : static_cast<std::size_t>(tokens_);
    }
    void sent(std::size_t points) noexcept { tokens_ -= static_cast<double>(points); }
    /// Returns the time to call `allowed` again, after it returned 0.
    [[nodiscard]] SteadyTime when(SteadyTime now) const noexcept {
        constexpr std::chrono::milliseconds soon{20};
        return std::max(now + soon, hold_until_);
    }
    [[nodiscard]] double rate() const noexcept {
        constexpr double least = 100;
        constexpr double least_at_the_end = 10'000;
        return per_second_ > 0 ? per_second_ : std::max(2 * live_, is_over_ ? least_at_the_end : least);
    }

private:
    void refill(SteadyTime now) {
        constexpr double weight = 0.2; // of the last second
        last_ = last_ == SteadyTime::min() ? now : last_;
        second_ = second_ == SteadyTime::min() ? now : second_;
        const double passed = std::chrono::duration<double>(now - second_).count();
        if (passed >= 1) {
            const double rate = came_ / passed;
            live_ = is_first_ ? rate : live_ + (rate - live_) * std::min(1.0, weight * passed);
            is_first_ = false;
            came_ = 0;
            second_ = now;
        }
        constexpr double longest = 0.5; // seconds; a longer pause is made up for only in part
        const double most = std::max(1.0, rate() * longest);
        tokens_ += rate() * std::chrono::duration<double>(now - last_).count();
        tokens_ = now < hold_until_ ? 0 : std::min(most, tokens_);
        last_ = now;
    }

    std::uint32_t per_second_;
    std::mt19937_64 random_;
    double came_ = 0; // since second_
    double live_ = 0; // points a second
    double tokens_ = 0;
    bool is_first_ = true;
    bool is_over_ = false;
    SteadyTime last_ = SteadyTime::min();
    SteadyTime second_ = SteadyTime::min();
    SteadyTime hold_until_ = SteadyTime::min();
};

} // namespace tickertape::stage
