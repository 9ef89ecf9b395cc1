// SPDX-License-Identifier: MIT
/// \file
/// ReadingsTick: the runs of a function that reports Readings, from the schedule to the output.
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
    std::atomic<std::uint64_t> refused{0}; ///< illegal readings, and readings with an old timestamp
    std::atomic<std::uint64_t> lost{0};    ///< the output did not accept them in time
    std::atomic<std::uint64_t> thinned{0}; ///< tables and runs that were left out because of a limit of lines
};

/// Calls `f` with the due time of the present run. Hands the points of the run in one batch to a separate thread, which writes
/// them. So neither a full pipe nor a stopped reader delays a run. At the end it publishes the remaining points.
///
/// Timestamps increase. After the wall clock was set back by up to a minute, a run whose timestamp was already written is still
/// called, but its readings are left out and counted. After a larger step timestamps start anew.
///
/// Thread safety: one thread at a time.
class ReadingsTick {
public:
    /// `room` is called in each run; null: there is no limit.
    ReadingsTick(const std::function<void(Readings&)>& f, const Readings::Options& options, AnyTransmitter output,
                 Clock& clock, std::function<Readings::Room()> room = nullptr);
    ReadingsTick(const ReadingsTick&) = delete;
    ReadingsTick& operator=(const ReadingsTick&) = delete;
    /// Waits for the output, for at most Collector::stop_deadline.
    ~ReadingsTick();

    /// One run, called by run_every_n_seconds. Exceptions of `f` pass through; the readings before it are handed over. If the
    /// lines of a run could not be written at once, the run is left out and counted, so that written lines are fresh.
    void operator()();
    /// Does the run that is due at `due`.
    void run_due(WallTime due);
    /// Does a run whose readings are not written: the first of two, if a collector reports differences.
    void rehearse(WallTime now);

    /// Returns whether timestamps have started anew.
    [[nodiscard]] bool reanchored() const noexcept { return reanchored_; }
    [[nodiscard]] std::shared_ptr<const ReadingsLosses> losses() const noexcept { return losses_; }

private:
    void hand_over(WallTime due);
    [[nodiscard]] Readings::Room room() const { return room_ ? room_() : Readings::Room{}; }

    const std::function<void(Readings&)>& f_;
    Readings readings_;
    std::function<Readings::Room()> room_;
    std::vector<Point> memory_;   // memory of the last run's points, used again
    std::size_t last_needed_ = 0; // the readings of the last run that may not be left out
    std::uint64_t left_out_ = 0;  // left-out runs
    std::shared_ptr<counter::Dumper> dumper_;
    std::shared_ptr<ReadingsLosses> losses_ = std::make_shared<ReadingsLosses>();
    WallTime last_ = WallTime::min();
    std::uint64_t superseded_ = 0; // readings with a timestamp that is not after the last one
    bool reanchored_ = false;
};

} // namespace tickertape::collector
