// SPDX-License-Identifier: MIT
/// \file
/// CounterState: the state of a counter of any mode, for the sampler and the readers.
#pragma once

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <tickertape/counter.hpp>
#include <tickertape/point_buffer.hpp>

#include "counter/history.hpp"
#include "counter/timeline.hpp"

namespace tickertape::counter {

class Dumper;
struct Group;

/// A counter from its birth until its owner releases it. Its series is claimed: no other living counter has the same text.
///
/// Thread safety: all members are under the registry's mutex, unless their comment says otherwise.
struct CounterState {
    /// `claimed` is this counter's from here on.
    CounterState(Series claimed, Group& member, const CounterOptions& options, RingSize ring);
    virtual ~CounterState();
    CounterState(const CounterState&) = delete;
    CounterState& operator=(const CounterState&) = delete;

    /// Takes its place in the group, and an id where it needs one. Throws UsageError if there are no more ids.
    virtual void enter() = 0;
    /// Releases both.
    virtual void leave() noexcept = 0;
    /// Ends the running bucket now. Returns its value, if that may be written.
    virtual std::optional<std::uint64_t> cut() = 0;
    /// Forgets the running bucket.
    virtual void rebase() = 0;
    /// Counts a bucket that the ring overwrote before it was emitted.
    virtual void lose(std::uint64_t bits) = 0;
    /// Returns the count of the running bucket so far.
    [[nodiscard]] virtual std::int64_t running_count() { return 0; }
    /// Adds the counts that are kept without the mutex.
    virtual void add_to(CounterBase::Stats& /*all*/) const {}
    /// Moves up to `most` points that are ready to the end of `out`, and moves the cursor
    /// after them. If `sequences` is not null, it gets the numbers of their buckets.
    virtual void collect(std::size_t most, point::PointBuffer& out, std::vector<std::uint64_t>* sequences);
    /// Moves the running bucket to `out`, cut short, if it may be written.
    virtual void collect_cut(point::PointBuffer& out);
    /// Gives back the unsettled points of `batch`, from the `from`-th on. They are of the buckets `sequences`; the cursor was `behind`
    /// when they had been collected. A point is lost if the ring or another dump has moved on since.
    virtual void give_back(const point::PointBuffer& batch, const std::vector<std::uint64_t>& sequences,
                           std::size_t from, std::uint64_t behind);

    /// The value of a bucket that is not absent.
    [[nodiscard]] Value value_of(std::uint64_t bits) const { return holds_readings ? reading(bits) : sum(bits); }
    static Value reading(std::uint64_t bits) { return std::bit_cast<double>(bits); }
    static Value sum(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }
    /// The sum of the buckets that have not been emitted; 0 for readings.
    [[nodiscard]] std::int64_t waiting_count() const;
    void push(std::uint64_t bits);
    /// Returns how many of the `ended` buckets from `first` on cannot be written because their timestamps are taken.
    [[nodiscard]] std::uint64_t taken(std::uint64_t first, std::uint64_t ended) const;
    /// Makes room for `ended` buckets. Skips those that exceed the largest ring; returns how many.
    std::uint64_t make_room(std::uint64_t ended);
    [[nodiscard]] BucketState bucket_state(std::uint64_t sequence) const;
    /// Timestamps start anew, after a large step of wall time.
    void start_anew();
    /// Forgets its content, so that it is like a new one.
    void begin_anew();

    CounterState* older = nullptr; ///< in the registry's list
    CounterState* newer = nullptr;
    std::chrono::nanoseconds timespan;
    CounterBase::Stats stats{};
    Dumper* dumper = nullptr;
    std::uint32_t place = 0;           ///< its place among the group's stocks or distributions
    std::uint32_t place_in_dumper = 0; ///< its place among the dumper's counters
    std::uint64_t carried = 0;         ///< the part of the running bucket that `stats.carried` includes
    std::uint32_t id = 0;              ///< of its cells, if it has any

    // Members that a dump uses. The members after them, which each tick of a rate uses, fill one cache line: see RateState.
    Series series;
    Group* group;
    [[no_unique_address]] History history; // so that the flags fit into its last word
    bool suspended = false;
    bool holds_readings = false; ///< buckets are doubles, not integers
    bool carries = false;        ///< `carried` is not 0
    WallTime floor; ///< timestamps up to this one are taken: counts of such a bucket are carried into the next one
    WallTime last_timestamp = WallTime::min(); ///< of the newest bucket with a value
};

/// Prefetches for a loop over counters that is at the `at`-th: calls `far` with a counter some places ahead, and `near` with one that
/// comes sooner. Counters are scattered in memory. Without this, a tick or a dump would mostly wait for memory.
template <class Counters, class Far, class Near>
void fetch_ahead(const Counters& counters, std::size_t at, const Far& far, const Near& near) noexcept {
    constexpr std::size_t far_ahead = 16; // for the counter itself
    constexpr std::size_t near_ahead = 8; // for the memory that it points to: the counter must be there by then
    if (at + far_ahead < counters.size() && counters[at + far_ahead] != nullptr) {
        far(*counters[at + far_ahead]);
    }
    if (at + near_ahead < counters.size() && counters[at + near_ahead] != nullptr) {
        near(*counters[at + near_ahead]);
    }
}

} // namespace tickertape::counter
