// SPDX-License-Identifier: MIT
/// \file
/// Dumper: the writer of an autodump.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include <tickertape/autodump.hpp>

#include "base/forks.hpp"
#include "clock/alarm.hpp"
#include "counter/counter_state.hpp"
#include "stage/backlog.hpp"

namespace tickertape::counter {

/// Publishes the ready points of its counters at the end of each counter's timespan, and points that are handed over at once.
/// Shared pointers hold it: if a transmitter blocks for ever, its thread, and so the dumper, lives longer than the autodump.
///
/// Thread safety: all members may be called from any thread; publishing is done by one at a time.
class Dumper final : public clock::Alarm, public std::enable_shared_from_this<Dumper> {
public:
    Dumper(AnyTransmitter transmitter, Clock& clock);

    // Under the registry's mutex:
    void claim(CounterState& state);
    void claim_all_living();
    void forget(CounterState& state);
    /// Takes over the points of a counter that is gone. `bucket_end`: the end of its running bucket, if that has at most 1 s and a point.
    void adopt(const point::PointBuffer& points, SteadyTime bucket_end);

    /// Publishes points of no counter as soon as possible; those of one call go out together, up to 4096 of them. At most `most_handed`
    /// wait; of more the oldest are dropped, counted and reported. Does not wait for the output.
    void hand_over(std::span<Point> points);
    /// The number of points handed over that were dropped because there was no room.
    [[nodiscard]] std::uint64_t lost() const;
    static constexpr std::size_t most_handed = 100'000;

    [[nodiscard]] SteadyTime due() const override;
    void ring(const Clock::Reading& now) override;
    [[nodiscard]] const void* writer() const noexcept override { return writer_; }

    void start();
    /// Returns at the deadline even if the transmitter does not.
    autodump::Report finish(SteadyTime deadline);
    [[nodiscard]] autodump::Report report() const;
    [[nodiscard]] Clock& clock() const noexcept { return clock_; }

    /// Returns whether this process is a fork of the one that made it: it does nothing here, and its mutexes may be held for ever.
    [[nodiscard]] bool is_forked() const noexcept { return forks_.is_child(); }
    /// Returns whether this process made it. If not, reports that once.
    [[nodiscard]] bool is_usable() const noexcept;

private:
    /// Held while publishing.
    class Turn;

    /// Publishes the complete buckets of the counters with these timespans (null: of all). With `cut`, also publishes running buckets
    /// whose timestamps are not after it. Returns whether all points are settled.
    bool publish(const Clock::Reading& now, const std::vector<std::chrono::nanoseconds>* timespans,
                 std::optional<WallTime> cut = std::nullopt);
    void gather(const std::vector<std::chrono::nanoseconds>* timespans, std::optional<WallTime> cut, std::size_t& next);
    bool send_batch();
    [[nodiscard]] bool anything_handed() const;
    bool flush(SteadyTime deadline);
    void finish_now(SteadyTime deadline, SteadyTime real_deadline);
    /// The newest timestamp of the running buckets.
    [[nodiscard]] WallTime newest_running() const;
    /// Returns the end of the last running bucket of at most 1 s.
    [[nodiscard]] SteadyTime end_of_fine_buckets() const;
    void release();
    /// Removes the places of counters that are gone, when there are many.
    void close_ranks();

    const base::Forks forks_;
    Clock& clock_;
    const void* const writer_;

    // Under the registry's mutex:
    std::vector<CounterState*> counters_; // oldest first; null in place of a retired one
    std::size_t vacant_ = 0;
    std::map<std::chrono::nanoseconds, SteadyTime> due_; // by timespan
    std::vector<std::chrono::nanoseconds> timespans_;    // of the present dump; its memory is used again
    stage::Backlog adopted_;                             // of retired counters
    SteadyTime end_of_retired_ = SteadyTime::min();      // the end of their last buckets
    std::uint64_t unsent_of_retired_ = 0;
    bool takes_all_ = false;

    // Only on the thread that has the turn:
    AnyTransmitter transmitter_;
    point::PointBuffer batch_; // gathered, not yet settled
    bool behind_ = false;
    bool finished_ = false;

    mutable std::mutex mutex_; // guards the members below
    std::condition_variable turn_changed_;
    bool turn_taken_ = false;
    bool finishing_ = false;
    autodump::Report report_{};
    stage::Backlog handed_;
    SteadyTime handed_due_ = clock::never;
    std::uint64_t lost_ = 0; // handed over when it was closed
    SteadyTime retry_ = clock::never;
};

/// Finishes every living autodump, as at the end of the process. Returns whether all was written.
bool finish_all_dumps(SteadyTime deadline);

} // namespace tickertape::counter
