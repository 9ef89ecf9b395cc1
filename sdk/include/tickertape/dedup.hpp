// SPDX-License-Identifier: MIT
/// \file
/// Dedup: holds unchanged values back, so that a constant series costs a point every five minutes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include <tickertape/point_buffer.hpp>
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

/// What became of the points that Dedup accepted:
/// `accepted == passed + suppressed + rejected + held + pending`, where `accepted` is what its publish calls accepted.
struct DedupStats {
    std::uint64_t passed = 0;     ///< accepted by the inner transmitter
    std::uint64_t suppressed = 0; ///< held back, and superseded by a later equal one
    std::uint64_t rejected = 0;   ///< rejected by the inner transmitter when publish had accepted them already
    std::size_t held = 0;         ///< held back at present, at most one for each series
    std::size_t pending = 0;      ///< sent on, but not yet taken by the inner transmitter
    std::uint64_t evicted = 0;    ///< series forgotten, because there were more than `max_series`
};

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
    /// Throws UsageError for a negative interval or no series at all.
    explicit Dedup(AnyTransmitter inner, DedupOptions options = {});

    /// Rejections of the inner transmitter are reported for points of this span that were not held back, others are
    /// counted. Blocks and throws as the inner transmitter does; when it throws although points of this span are in its
    /// hands, they wait here and the next call throws instead. Allocates for series that it has not seen.
    Outcome publish(std::span<const Point> points) override;

    /// Sends all held points, ordered by time and then by the text of their series, and flushes the inner transmitter.
    /// False when that did not take all: the rest stays, and a further call goes on. Throws as the inner publish does.
    bool flush(SteadyTime deadline) override;
    [[nodiscard]] TransmitterTraits traits() const noexcept override {
        const TransmitterTraits inner = inner_.traits();
        return {.keeps_every_event = inner.keeps_every_event, .writer = inner.writer};
    }

    [[nodiscard]] DedupStats stats() const noexcept;

private:
    static constexpr std::uint32_t no_run = static_cast<std::uint32_t>(-1);

    // A series' run of equal values. A held point is always the latest, of this time and value. One cache line.
    struct alignas(64) Run {
        Series series;
        Value value;
        WallTime time;                 // of the latest point
        WallTime start;                // of the interval: of the last point that was sent for its own sake
        std::chrono::nanoseconds step; // of the series
        std::uint32_t older = no_run;  // the run that was seen before this one, and the one seen after it
        std::uint32_t newer = no_run;
        bool held = false;
        bool in_seconds = true; // the precision of the series
    };

    static constexpr std::size_t no_index = static_cast<std::size_t>(-1);
    static constexpr std::size_t batch_points = 1024;
    static constexpr std::size_t most_pending = batch_points + 2; // the last point taken can send another two

    // What `publish` was given. Points of it that go on as they came, all in a row, need not be copied: they pass.
    struct Batch {
        std::span<const Point> points = {};
        std::size_t next = 0; // the first one that has not been taken
        std::size_t passed_from = 0;
        std::size_t passed_to = 0; // without any, both are `next` or there are points in `pending_`
    };

    void take_some(Batch& batch);
    bool pass_changing(Run& run, Batch& batch);
    [[nodiscard]] Run* run_of(const Series& series);
    void begin_run(Batch& batch);
    void continue_run(Run& run, Batch& batch);
    void set_newest(std::uint32_t number);
    void unlink(const Run& run);
    [[nodiscard]] bool may_pass_next(const Batch& batch) const;
    void send_next(Batch& batch);
    static void pass_over_next(Batch& batch);
    void send_held(Run& run, Batch& batch);
    void copy_passed(Batch& batch);
    [[nodiscard]] bool deliver(Batch& batch, Outcome& outcome);

    AnyTransmitter inner_;
    DedupOptions options_;
    std::deque<Run> runs_;
    std::uint32_t newest_ = no_run; // of the list that `older` and `newer` make
    std::uint32_t oldest_ = no_run;
    std::uint32_t expected_ = no_run; // last time the series seen after the newest was this one
    std::unordered_map<Series, std::uint32_t> number_of_;
    point::PointBuffer pending_;
    std::vector<std::size_t> pending_index_; // of each in the span being published, or no_index
    DedupStats stats_;
};

} // namespace tickertape
