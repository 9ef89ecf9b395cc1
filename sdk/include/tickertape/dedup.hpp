// SPDX-License-Identifier: MIT
/// \file
/// Dedup: holds unchanged values back, so that a constant series costs a point every five minutes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include <tickertape/transmitter.hpp>

namespace tickertape {

/// Options of Dedup.
struct DedupOptions {
    /// An unchanged value is sent again when this much time has passed since it was sent. 0: everything passes. Negative:
    /// UsageError.
    std::chrono::seconds interval{300};
    /// The most series that are remembered. Beyond that, the series that was silent for longest is forgotten: its held point is sent, and
    /// it counts as evicted. 0, or more than 2^32 - 2: UsageError.
    std::size_t max_series = 100'000;
};
static_assert(std::is_aggregate_v<DedupOptions>);

/// Run-length coding of each series, the same as tcollector's, so both can be used in a row. It sends the first point of a run of
/// equal values and holds the others back. When the value changes, it sends the last held point first, so that graphs keep their
/// slopes. While the value stays, it sends a point each `interval`. A gap (two points of a series further apart than its step), an eviction
/// and `flush` end a run: the held point is sent. After a gap the next point is sent, too, and does not restart the interval. A
/// timestamp that does not increase starts the series anew. All points of series with a step below one second pass.
///
/// Points that the inner transmitter does not accept at once, a few thousand at most, wait here and are sent first at the next call;
/// until then Dedup accepts no more points.
///
/// Thread safety: one thread at a time.
class Dedup final : public Transmitter {
public:
    /// The points that Dedup accepted are in exactly one of these counts:
    /// `accepted == passed + suppressed + rejected + held + pending`, where `accepted` is the number of points that its `publish` reported
    /// as accepted.
    struct Stats {
        std::uint64_t passed = 0;     ///< accepted by the inner transmitter
        std::uint64_t suppressed = 0; ///< held back, and superseded by a later equal one
        std::uint64_t rejected = 0;   ///< rejected by the inner transmitter when publish had accepted them already
        std::size_t held = 0;         ///< held back at present, at most one for each series
        std::size_t pending = 0;      ///< sent on, but not yet taken by the inner transmitter
        std::uint64_t evicted = 0;    ///< series forgotten, because there were more than `max_series`
    };

    /// Throws UsageError when an option is out of its range.
    explicit Dedup(AnyTransmitter inner, DedupOptions options = {});
    Dedup(Dedup&&) noexcept;
    Dedup& operator=(Dedup&&) noexcept;
    ~Dedup() override;

    /// The outcome lists the points of this span that the inner transmitter rejected and that were not held back; other
    /// rejections are only counted. Blocks and throws as the inner transmitter does. If it throws after it accepted points
    /// of this span, the rest waits here and the next call throws instead. Allocates for series that it has not seen.
    Outcome publish(std::span<const Point> points) override;

    /// Sends all held points, ordered by time and then by the text of their series, and flushes the inner transmitter.
    /// Returns false if the inner transmitter did not accept all: the rest stays, and the next call goes on. Throws as the inner publish
    /// does.
    bool flush(SteadyTime deadline) override;
    /// Returns the traits of the inner transmitter, with `takes_at_once` false.
    [[nodiscard]] Traits traits() const noexcept override;

    [[nodiscard]] Stats stats() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_; // null only when moved from
};

} // namespace tickertape
