// SPDX-License-Identifier: MIT
/// \file
/// ReadingsTick: the runs of a tick that reports Readings, from the schedule to the output.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <tickertape/clock.hpp>
#include <tickertape/readings.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape::counter {
class Dumper;
} // namespace tickertape::counter

namespace tickertape::collector {

/// Counts of readings that did not become points, for the self-metrics.
struct ReadingsLosses {
    std::atomic<std::uint64_t> refused{0}; ///< no points, or of a time that is not after the last
    std::atomic<std::uint64_t> lost{0};    ///< the output did not take them in time
    std::atomic<std::uint64_t> thinned{0}; ///< tables, and runs, that were left out, as lines are limited
};

/// Calls `f` with the due time of the run that the schedule is in, and hands the points of the run to a writer on a thread of
/// its own, in one batch. So neither a full pipe nor a stopped reader holds up a run. The remaining points are published at the end.
///
/// Timestamps increase. After the wall clock was set back by up to a minute, a run whose timestamp was already written is still
/// called, but its readings are left out and counted. After a larger step timestamps start anew.
///
/// Thread safety: one thread at a time.
class ReadingsTick {
public:
    /// `room` is asked in each run; null: there is no limit.
    ReadingsTick(const std::function<void(Readings&)>& f, const Readings::Options& options, AnyTransmitter output,
                 Clock& clock, std::function<Readings::Room()> room = nullptr);
    ReadingsTick(const ReadingsTick&) = delete;
    ReadingsTick& operator=(const ReadingsTick&) = delete;
    /// Waits for the output for Collector::stop_deadline at most.
    ~ReadingsTick();

    /// One run, inside of run_every_n_seconds. Exceptions of `f` pass through, after its readings so far were handed over. A run whose
    /// lines could not be written at once is left out and counted, so that written lines are fresh.
    void operator()();
    /// A run that is due at `due`.
    void run_due(WallTime due);
    /// A run whose readings go nowhere: the first of two whose differences count.
    void rehearse(WallTime now);

    /// Whether times have started anew.
    [[nodiscard]] bool reanchored() const noexcept { return reanchored_; }
    [[nodiscard]] std::shared_ptr<const ReadingsLosses> losses() const noexcept { return losses_; }

private:
    void hand_over(WallTime due);
    [[nodiscard]] Readings::Room room() const { return room_ ? room_() : Readings::Room{}; }

    const std::function<void(Readings&)>& f_;
    Readings readings_;
    std::function<Readings::Room()> room_;
    std::vector<Point> memory_;   // of the last run's points
    std::size_t last_needed_ = 0; // how many readings of it could not have been left out
    std::uint64_t left_out_ = 0;  // runs
    std::shared_ptr<counter::Dumper> dumper_;
    std::shared_ptr<ReadingsLosses> losses_ = std::make_shared<ReadingsLosses>();
    WallTime last_ = WallTime::min();
    std::uint64_t superseded_ = 0; // of a time that is not after the last
    bool reanchored_ = false;
};

} // namespace tickertape::collector
