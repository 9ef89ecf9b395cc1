// SPDX-License-Identifier: MIT
/// \file
/// Backoff: how long to leave a target alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include <tickertape/time.hpp>

namespace tickertape::push {

/// Full jitter: before attempt n a time drawn evenly from 0 to 0.25 s * 2^n, at most 30 s and at least 50 ms. (Marc
/// Brooker, "Exponential Backoff and Jitter".) It is at most 2 s for a target without a listener: an attempt is cheap there, and
/// new points have to be stored within 2 s of the target's return. Only a proof that the target accepts points resets the backoff,
/// so a target that accepts connections and drops them is not tried in a tight loop.
///
/// Thread safety: none.
class Backoff {
public:
    static constexpr std::chrono::milliseconds base{250};
    static constexpr std::chrono::milliseconds floor{50};
    static constexpr std::chrono::milliseconds cap{30'000};
    static constexpr std::chrono::milliseconds cap_unreachable{1'900}; ///< while there is no listener
    /// A receiver's own retry_after (Retry-After) is followed up to this.
    static constexpr std::chrono::minutes longest_retry_after{5};

    explicit Backoff(std::uint64_t seed) : random_{seed} {}

    /// Notes a failure at `now`; the target is to be left alone until `not_before()`.
    void failed(SteadyTime now, std::chrono::milliseconds longest = cap);
    /// The receiver asked to be left alone for `retry_after`.
    void asked_to_wait(SteadyTime now, std::chrono::seconds retry_after);
    void accepted() noexcept;

    /// In the past when there was no failure since the last success.
    [[nodiscard]] SteadyTime not_before() const noexcept { return not_before_; }
    [[nodiscard]] unsigned failures() const noexcept { return failures_; }

private:
    std::mt19937_64 random_;
    SteadyTime not_before_ = SteadyTime::min();
    unsigned failures_ = 0;
};

} // namespace tickertape::push
