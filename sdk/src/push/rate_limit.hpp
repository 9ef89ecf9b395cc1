// SPDX-License-Identifier: MIT
/// \file
/// RateLimit: limits the lines in any second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include <tickertape/time.hpp>

namespace tickertape::push {

/// Allows at most `lines_per_second` lines in any window of one second (half open), wherever it begins. At most a tenth of that
/// may go out at once, and may be made up after a pause. 0: no limit.
///
/// Thread safety: none.
class RateLimit {
public:
    explicit RateLimit(std::uint32_t lines_per_second);

    [[nodiscard]] bool unlimited() const noexcept { return rate_ == 0; }
    /// Returns the most lines of one send, at least 1: a 25th of a second's worth, so that pieces of any size fill a window to 96
    /// %. Without a limit it is the largest number.
    [[nodiscard]] std::uint32_t most_at_once() const noexcept;
    /// Returns the time at which `lines` (at most `most_at_once`) may go out; `now` if that is at once.
    [[nodiscard]] SteadyTime when(std::uint32_t lines, SteadyTime now);
    /// Notes that lines went out. `now` is not before `when(lines, now)`.
    void sent(std::uint32_t lines, SteadyTime now);
    /// Returns the number of entries, at most about a thousand.
    [[nodiscard]] std::size_t remembered() const noexcept { return last_second_.size(); }

private:
    struct Sent {
        SteadyTime when;
        std::uint32_t lines;
    };

    std::uint32_t rate_;
    std::deque<Sent> last_second_; // bounded: one entry for each millisecond, with the latest time in it
    std::uint64_t lines_in_it_ = 0;
    SteadyTime next_ = SteadyTime::min(); // the time at which all sent lines would have gone out at an even rate
};

} // namespace tickertape::push
