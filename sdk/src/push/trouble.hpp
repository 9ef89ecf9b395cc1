// SPDX-License-Identifier: MIT
/// \file
/// Trouble: whose fault it is when a request fails.
#pragma once

#include <cstdint>

namespace tickertape::push {

/// Failures of a request with the same points: errors of the receiver's own (500, a storage that fails) and connections that end
/// instead of an answer. Once may be chance, and so may everything while nothing else is taken; three times, while the
/// same target takes other requests, is something about these points.
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
    /// The target is well, as far as can be seen from here.
    [[nodiscard]] bool is_of_the_points() const noexcept { return failures_ > 1 && others_were_taken_; }
    /// The points are to be sent in halves, or, of one, no more.
    [[nodiscard]] bool is_proven() const noexcept { return failures_ >= enough && others_were_taken_; }
    [[nodiscard]] unsigned failures() const noexcept { return failures_; }
    /// Of one half: its next failure is enough, if others are taken until then.
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
