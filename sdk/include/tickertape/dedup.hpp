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

/// What Dedup holds back, and for how long.
struct DedupOptions {
    /// An unchanged value is sent again when this much time has passed since it was sent. 0: everything passes. Negative:
    /// UsageError.
    std::chrono::seconds interval{300};
    /// How many series are remembered. Beyond it the one that was seen longest ago is forgotten, after its held point has
    /// been sent, and counted as evicted. 0, or more than 2^32 - 2: UsageError.
    std::size_t max_series = 100'000;
};
static_assert(std::is_aggregate_v<DedupOptions>);

/// Run-length coding of each series, the same as tcollector's, so that both can run in a row: the first point of a run of
/// equal values is sent, the others are held back; before a change the last of them is sent, so that graphs keep their
/// slopes; at each `interval` one is sent again. A gap (two points of a series further apart than its step), an eviction
/// and `flush` end a run: the held point is sent, and after a gap the next one too, which does not restart the interval. A
/// time that does not increase starts the series afresh. Points of series with a step below one second all pass.
///
/// Points that the inner transmitter does not take at once, a few thousand at most, wait here and are sent first next time;
/// until then nothing more is accepted.
///
/// Thread safety: one thread at a time.
class Dedup final : public Transmitter {
public:
    /// What became of the points that Dedup accepted:
    /// `accepted == passed + suppressed + rejected + held + pending`, where `accepted` is what its publish calls accepted.
    struct Stats {
        std::uint64_t passed = 0;     ///< accepted by the inner transmitter
        std::uint64_t suppressed = 0; ///< held back, and superseded by a later equal one
        std::uint64_t rejected = 0;   ///< rejected by the inner transmitter when publish had accepted them already
        std::size_t held = 0;         ///< held back at present, at most one for each series
        std::size_t pending = 0;      ///< sent on, but not yet taken by the inner transmitter
        std::uint64_t evicted = 0;    ///< series forgotten, because there were more than `max_series`
    };

    /// Throws UsageError for a negative interval or no series at all.
    explicit Dedup(AnyTransmitter inner, DedupOptions options = {});
    Dedup(Dedup&&) noexcept;
    Dedup& operator=(Dedup&&) noexcept;
    ~Dedup() override;

    /// Rejections of the inner transmitter are reported for points of this span that were not held back, others are
    /// counted. Blocks and throws as the inner transmitter does; when it throws although points of this span are in its
    /// hands, they wait here and the next call throws instead. Allocates for series that it has not seen.
    Outcome publish(std::span<const Point> points) override;

    /// Sends all held points, ordered by time and then by the text of their series, and flushes the inner transmitter.
    /// False when that did not take all: the rest stays, and a further call goes on. Throws as the inner publish does.
    bool flush(SteadyTime deadline) override;
    /// Those of the inner transmitter, but takes nothing at once.
    [[nodiscard]] Traits traits() const noexcept override;

    [[nodiscard]] Stats stats() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_; // null only when moved from
};

} // namespace tickertape
