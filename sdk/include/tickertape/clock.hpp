// SPDX-License-Identifier: MIT
/// \file
/// Clock: the source of time. Pass your own, so that a test moves the time and nothing has to sleep.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>

#include <tickertape/time.hpp>

namespace tickertape {

namespace clock {
class Alarm;
class AlarmThreads;
} // namespace clock

/// The source of time and of ticks. Counters, autodump and run_every_n_seconds take a clock; without one they use
/// the system's. A clock must outlive the objects that use it.
///
/// Thread safety: all members may be called from any thread.
class Clock {
public:
    /// Both time scales, read together.
    struct Reading {
        WallTime wall;
        SteadyTime steady;
    };

    /// Counts of the clock's pulse and of the schedules on it. Durations are steady time.
    struct Stats {
        /// The time from the end of a bucket to its tick: the last one and the longest. An increment belongs to the bucket
        /// that was open at the last tick, so an increment is misplaced by at most this time.
        std::chrono::nanoseconds tick_lateness_last{0};
        std::chrono::nanoseconds tick_lateness_max{0};
        std::uint64_t ticks = 0;        ///< of all granularities
        std::uint64_t ticks_missed = 0; ///< bucket ends that passed without their own tick
        std::uint64_t clock_steps = 0;  ///< wall time moved against steady time by 100 ms or more, suspends included
        std::uint64_t reanchored = 0;   ///< of these, steps back so far that timestamps started anew
        std::uint64_t runs = 0;         ///< of run_every_n_seconds
        std::uint64_t runs_missed = 0;  ///< due times that passed while a run, or the whole process, took too long
    };

    Clock();
    virtual ~Clock();
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;

    /// The machine's clocks. Its pulse is a thread of the library that starts with the first counter, samples only, and
    /// blocks all signals.
    [[nodiscard]] static Clock& system();

    [[nodiscard]] virtual Reading read() const = 0;

    /// Blocks until `due`, or until a stop is requested. Returns whether `due` was reached.
    virtual bool wait_until(SteadyTime due, const std::stop_token& stop) = 0;

    /// Closes the buckets that have ended. The pulse does it in time; call it from your own loop on a LoopClock.
    void tick();

    [[nodiscard]] Stats stats() const;

    /// For the library, not for users: the alarm that closes buckets, made by `make` at the first call.
    [[nodiscard]] const std::shared_ptr<clock::Alarm>& pulse(std::shared_ptr<clock::Alarm> (*make)(Clock&));
    virtual void attach(std::shared_ptr<clock::Alarm> alarm) = 0;
    /// Stops the alarm. If it is ringing, waits for its end, at most until `deadline`.
    virtual void detach(clock::Alarm& alarm, SteadyTime deadline) = 0;
    /// The alarm's due time has changed.
    virtual void rearm(clock::Alarm& alarm) = 0;

private:
    std::atomic<const std::shared_ptr<clock::Alarm>*> pulse_{nullptr}; // made when it is first asked for
};

/// The machine's clocks without the library's pulse thread: buckets close when the user's own loop calls
/// `tick()`, at least once per granularity, else ticks count as missed. Autodump still writes on its own thread.
///
/// Thread safety: all members may be called from any thread.
class LoopClock final : public Clock {
public:
    LoopClock();
    ~LoopClock() override;

    [[nodiscard]] Clock::Reading read() const override;
    bool wait_until(SteadyTime due, const std::stop_token& stop) override;
    void attach(std::shared_ptr<clock::Alarm> alarm) override;
    void detach(clock::Alarm& alarm, SteadyTime deadline) override;
    void rearm(clock::Alarm& alarm) override;

private:
    std::unique_ptr<clock::AlarmThreads> threads_;
};

} // namespace tickertape
