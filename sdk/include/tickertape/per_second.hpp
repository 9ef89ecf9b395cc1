// SPDX-License-Identifier: MIT
/// \file
/// PerSecond: of the events of a second one value, for receivers that keep one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include <tickertape/clock.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

struct PerSecondOptions {
    /// How many series are remembered. At the limit those without a value in the running second are forgotten; if that does
    /// not help, values of further series are rejected. 0: UsageError.
    std::size_t max_series = 100'000;
    /// How many points wait for an inner transmitter that does not take them; above that the oldest are dropped. 0: UsageError.
    std::size_t max_held = 100'000;
    /// Null: the system's.
    Clock* clock = nullptr;
};
static_assert(std::is_aggregate_v<PerSecondOptions>);

/// Merges the values of each second as `Merge` of their series says and publishes one point per series and second,
/// stamped with its start, when the second is over: a TSD keeps one value of a series in a second, and would lose the
/// others. Points of series with `SeriesOptions::Merge::none` pass as they are, at the end of the second in which they came.
///
/// A second that has been sent is not sent again. A value that comes too late for it, or after the clock was set back by up
/// to a minute, counts in the next second that can still be sent, so that no count is lost; a late reading does not replace
/// a newer one. When time goes back further, timestamps begin anew. A time within two minutes of the first or the last one that
/// there is, is rejected as Reason::bad_time.
///
/// Publishes from a thread of its own, the alarm of its clock, so callers never wait for the inner transmitter; no lock is
/// held while that works. In the child of a fork nothing is accepted or sent.
///
/// Thread safety: all members may be called from any thread. The inner transmitter is called by one at a time.
class PerSecond final : public Transmitter {
public:
    /// What became of the values so far. Every point that is due for the inner transmitter is in exactly one of `sent`,
    /// `refused`, `dropped` and `held`.
    struct Stats {
        std::uint64_t values = 0;     ///< taken from callers
        std::uint64_t over_limit = 0; ///< of series above `max_series`: not taken
        std::uint64_t late = 0;       ///< of a second that had been sent: they count in the next one
        std::uint64_t reanchored =
            0; ///< series whose timestamps began anew, as time had gone back by more than a minute
        std::uint64_t not_finite = 0; ///< sums that no double holds
        std::uint64_t sent = 0;       ///< points that the inner transmitter took
        std::uint64_t refused = 0;    ///< points that it refused for good
        std::uint64_t dropped = 0;    ///< points for which there was no room
        std::uint64_t held = 0;       ///< points that wait for it
    };

    /// Throws UsageError when an option is out of its range.
    explicit PerSecond(AnyTransmitter inner, const PerSecondOptions& options = {});
    PerSecond(PerSecond&&) noexcept;
    PerSecond& operator=(PerSecond&&) noexcept;
    /// Publishes all it has, the running second included, once; what the inner transmitter does not take is gone. Then
    /// flushes that for at most 3 s, unless it is one that takes at once, which sees to that when it ends.
    ~PerSecond() override;

    /// Takes values. Blocks for nobody; allocates for series that it does not know, and for points that wait.
    Outcome publish(std::span<const Point> points) override;

    /// Publishes all it has, the running second included, and flushes the inner transmitter. What else comes in that second
    /// counts in the next, which many flushes a second bring ahead of time: by half a minute at most, then it waits. Returns
    /// whether all was taken before the deadline; false at once when the inner transmitter calls.
    bool flush(SteadyTime deadline) override;

    /// Keeps every event, as far as it counts, and takes at once.
    [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.takes_at_once = true}; }

    [[nodiscard]] Stats stats() const;

private:
    struct State;
    class Turn;
    void end() noexcept;

    std::shared_ptr<State> state_; // null only when moved from
};

} // namespace tickertape
