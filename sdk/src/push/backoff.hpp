// SPDX-License-Identifier: MIT
/// \file
/// Backoff: decides how long a target is not tried.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include <tickertape/time.hpp>

namespace tickertape::push {

/// Full jitter: before attempt n it draws a wait evenly from 0 to 0.25 s * 2^n, at most 30 s and at least 50 ms. (Marc Brooker,
/// "Exponential Backoff and Jitter".) For a target without a listener the limit is 2 s: an attempt is cheap there, and new points
/// must be stored within 2 s of the target's return. Only a proof that the target accepts points resets the backoff. So a target
/// that accepts connections and drops them is not tried in a tight loop.
///
/// Thread safety: none.
class Backoff {
public:
    static constexpr std::chrono::milliseconds base{250};
    static constexpr std::chrono::milliseconds floor{50};
    static constexpr std::chrono::milliseconds cap{30'000};
    static constexpr std::chrono::milliseconds cap_unreachable{1'900}; ///< for a target without a listener
    /// A receiver's own retry-after is followed up to this.
    static constexpr std::chrono::minutes longest_retry_after{5};

    explicit Backoff(std::uint64_t seed) : random_{seed} {}

    /// Notes a failure at `now`. The target must not be tried before `not_before()`.
    void failed(SteadyTime now, std::chrono::milliseconds longest = cap);
    /// The receiver asked for a wait of `retry_after`.
    void asked_to_wait(SteadyTime now, std::chrono::seconds retry_after);
    void accepted() noexcept;

    /// In the past if there was no failure since the last success.
    [[nodiscard]] SteadyTime not_before() const noexcept { return not_before_; }
    [[nodiscard]] unsigned failures() const noexcept { return failures_; }

private:
    std::mt19937_64 random_;
    SteadyTime not_before_ = SteadyTime::min();
    unsigned failures_ = 0;
};

} // namespace tickertape::push
