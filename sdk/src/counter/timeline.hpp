// SPDX-License-Identifier: MIT
/// \file
/// Timeline: the open bucket, and the timestamps of ended ones, also when wall time steps and ticks come late.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>

#include <tickertape/clock.hpp>
#include <tickertape/window.hpp>

namespace tickertape::counter {

/// The start of the bucket of length `granularity` that holds `time`; rounds towards the past.
[[nodiscard]] constexpr WallTime bucket_start(WallTime time, std::chrono::nanoseconds granularity) noexcept {
    const std::chrono::nanoseconds since = time.time_since_epoch();
    std::chrono::nanoseconds past = since % granularity;
    if (past < past.zero()) {
        past += granularity;
    }
    return time - past;
}

/// If the wall clock is set back by more than this, or is behind the timestamps by more, timestamps start anew. Otherwise they wait.
inline constexpr std::chrono::seconds longest_hold{60};

/// The time of all counters of one clock and granularity. Buckets are numbered without gaps; the timeline knows the timestamp
/// (start) and the state of the newest ones. Pure: the caller passes the time.
///
/// Thread safety: none; used under the registry's mutex.
class Timeline {
public:
    /// Remembers at least `remembered` ended buckets.
    Timeline(std::chrono::nanoseconds granularity, std::uint64_t remembered, const Clock::Reading& now);

    /// The result of a tick. The `ended` buckets, first `sequence() - ended`, are over; the first of them was open since the
    /// tick before.
    struct Tick {
        std::uint64_t ended = 0;
        bool reanchored = false;
        std::chrono::nanoseconds lateness{0}; ///< how long after the end of the first ended bucket the tick came
    };
    Tick tick(const Clock::Reading& now);

    [[nodiscard]] std::chrono::nanoseconds granularity() const noexcept { return granularity_; }
    /// The timestamp of the open bucket, and its number.
    [[nodiscard]] WallTime open() const noexcept { return open_; }
    [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }
    /// Returns the end of the open bucket, as far as it is known now.
    [[nodiscard]] SteadyTime due() const noexcept { return due_; }

    /// Makes it remember at least `buckets` ended buckets.
    void remember(std::uint64_t buckets) noexcept { remembered_ = std::max(remembered_, buckets); }

    [[nodiscard]] WallTime timestamp(std::uint64_t sequence) const noexcept {
        return span_of(sequence).timestamp_of(sequence, granularity_);
    }
    /// Buckets from the given one up to `end`. Their timestamps start at `timestamp` and have no gap.
    struct Stretch {
        WallTime timestamp;
        std::uint64_t end;
    };
    [[nodiscard]] Stretch stretch(std::uint64_t sequence) const noexcept;
    /// `full`, `partial` or `smeared`.
    [[nodiscard]] BucketState state(std::uint64_t sequence) const noexcept { return span_of(sequence).state; }

private:
    /// Buckets from `first` up to the next span, in a row.
    struct Span {
        std::uint64_t first;
        WallTime timestamp;
        BucketState state;

        [[nodiscard]] WallTime timestamp_of(std::uint64_t sequence,
                                            std::chrono::nanoseconds granularity) const noexcept {
            return timestamp + static_cast<std::int64_t>(sequence - first) * granularity;
        }
    };

    [[nodiscard]] const Span& span_of(std::uint64_t sequence) const noexcept;
    void mark(std::uint64_t first, WallTime timestamp, BucketState state);
    void forget_old_spans();

    std::chrono::nanoseconds granularity_;
    std::uint64_t remembered_;
    WallTime open_;
    std::uint64_t sequence_ = 0;
    std::chrono::nanoseconds offset_; // wall - steady at the last tick
    SteadyTime due_;
    std::deque<Span> spans_; // ascending; the last one holds the open bucket
};

} // namespace tickertape::counter
