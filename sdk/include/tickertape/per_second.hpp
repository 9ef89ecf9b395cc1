// SPDX-License-Identifier: MIT
/// \file
/// PerSecond: merges the events of a second into one value, for receivers that keep one value a second.
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
    /// The most series that are remembered. At the limit, series without a value in the running second are forgotten. If that does
    /// not help, values of further series are rejected. 0: UsageError.
    std::size_t max_series = 100'000;
    /// The most points that wait for an inner transmitter that does not accept them. Beyond that the oldest are dropped. 0: UsageError.
    std::size_t max_held = 100'000;
    /// Null: the system's clock.
    Clock* clock = nullptr;
};
static_assert(std::is_aggregate_v<PerSecondOptions>);

/// Merges the values of each second by the `SeriesOptions::Merge` of their series. When the second is over, it publishes one point per
/// series, with the start of the second as timestamp: a TSD keeps one value of a series in a second, and would lose the
/// others. Points of series with `SeriesOptions::Merge::none` pass unchanged, at the end of the second in which they came.
///
/// A second that has been sent is not sent again. A value that comes too late for it, or after the clock was set back by up
/// to a minute, counts in the next second that can still be sent. So no count is lost; a late reading does not replace
/// a newer one. If the clock is set back further, timestamps start anew. A time within two minutes of the first or the last
/// representable time is rejected as Reason::bad_time.
///
/// Publishes from a thread of its clock, so callers never wait for the inner transmitter; no lock is
/// held while the inner transmitter works. In the child of a fork it accepts and sends nothing.
///
/// Thread safety: all members may be called from any thread. The inner transmitter is called by one at a time.
class PerSecond final : public Transmitter {
public:
    /// Counts of values and points. Every point that is due for the inner transmitter is in exactly one of `sent`,
    /// `refused`, `dropped` and `held`.
    struct Stats {
        std::uint64_t values = 0;     ///< accepted from callers
        std::uint64_t over_limit = 0; ///< of series beyond `max_series`: not accepted
        std::uint64_t late = 0;       ///< of a second that had been sent: they were counted in the next one
        std::uint64_t reanchored =
            0; ///< series whose timestamps started anew, because the clock was set back by more than a minute
        std::uint64_t not_finite = 0; ///< sums too large for a double
        std::uint64_t sent = 0;       ///< points that the inner transmitter accepted
        std::uint64_t refused = 0;    ///< points that it refused for good
        std::uint64_t dropped = 0;    ///< points dropped because `max_held` others were waiting
        std::uint64_t held = 0;       ///< points that wait for the inner transmitter
    };

    /// Throws UsageError when an option is out of its range.
    explicit PerSecond(AnyTransmitter inner, const PerSecondOptions& options = {});
    PerSecond(PerSecond&&) noexcept;
    PerSecond& operator=(PerSecond&&) noexcept;
    /// Publishes all its points once, the running second included; points that the inner transmitter does not accept are lost. Then
    /// flushes the inner transmitter for at most 3 s, unless that takes points at once (Traits::takes_at_once) and so flushes itself when
    /// it ends.
    ~PerSecond() override;

    /// Accepts values. Never blocks; allocates for new series, and for points that wait.
    Outcome publish(std::span<const Point> points) override;

    /// Publishes all its points, the running second included, and flushes the inner transmitter. Further values of the running second
    /// count in the next second. Many flushes a second thus move timestamps ahead of time, by half a minute at most; then `flush` waits.
    /// Returns whether all was accepted before the deadline; false at once when it is called from within the inner transmitter.
    bool flush(SteadyTime deadline) override;

    /// PerSecond keeps every event, because it merges them, and takes points at once.
    [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.takes_at_once = true}; }

    [[nodiscard]] Stats stats() const;

private:
    struct State;
    class Turn;
    void end() noexcept;

    std::shared_ptr<State> state_; // null only when moved from
};

} // namespace tickertape
