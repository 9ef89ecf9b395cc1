// SPDX-License-Identifier: MIT
/// \file
/// Trouble: decides whether failures of a request are caused by its points.
#pragma once

#include <cstdint>

namespace tickertape::push {

/// Counts failures of a request with the same points: internal errors of the receiver (500, a failing storage), and connections
/// that end before an answer. One failure may be chance, and any number of failures while the receiver accepts nothing else.
/// Three failures while the same target accepts other requests are caused by these points.
///
/// Thread safety: none.
class Trouble {
public:
    static constexpr unsigned enough = 3;

    /// Notes a failure. `acks`: how many requests the target has acknowledged so far.
    void failed(std::uint64_t acks) noexcept {
        acks_before_ = failures_++ == 0 ? acks : acks_before_;
        others_were_taken_ = acks > acks_before_;
    }
    /// Returns whether the points may be the reason: they failed more than once while others were accepted.
    [[nodiscard]] bool is_of_the_points() const noexcept { return failures_ > 1 && others_were_taken_; }
    /// Returns whether the points are the reason: send them in halves, or stop sending a single one.
    [[nodiscard]] bool is_proven() const noexcept { return failures_ >= enough && others_were_taken_; }
    [[nodiscard]] unsigned failures() const noexcept { return failures_; }
    /// The state for one half: its next failure is enough, if others are accepted until then.
    [[nodiscard]] static Trouble of_a_half(std::uint64_t acks) noexcept {
        Trouble half;
        half.failures_ = enough - 1;
        half.acks_before_ = acks;
        return half;
    }

private:
    unsigned failures_ = 0;
    std::uint64_t acks_before_ = 0;
    bool others_were_taken_ = false;
};

} // namespace tickertape::push
