// SPDX-License-Identifier: MIT
/// \file
/// ManualClock: a clock that a test moves.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include <tickertape/clock.hpp>

namespace tickertape {

/// A clock that moves only when a call moves it. Ticks, dumps and scheduled runs that are due happen inside the call that moves it, on the
/// caller's thread, in order and at the exact time. So a test needs no sleep and no tolerance.
///
/// Waiting on it moves it: a loop of run_every_n_seconds rushes through its due times until its function asks it to stop.
///
/// Thread safety: `read` may be called from any thread; functions that move the clock, by one thread at a time.
class ManualClock final : public Clock {
public:
    /// Starts at `start`; steady time starts at the machine's.
    explicit ManualClock(WallTime start = WallTime{std::chrono::seconds{1'700'000'000}});
    ~ManualClock() override;

    /// Moves both time scales ahead and does everything that becomes due, each at its time.
    void advance(std::chrono::nanoseconds time);
    /// Moves both time scales ahead and does nothing that becomes due, as when the process does not get the CPU: the next tick is late.
    void stall(std::chrono::nanoseconds time);
    /// Moves only wall time, forwards or backwards, as when somebody sets the clock.
    void step(std::chrono::nanoseconds time);
    /// Moves only wall time, as when the machine sleeps.
    void suspend(std::chrono::nanoseconds time) { step(time); }

    [[nodiscard]] Clock::Reading read() const override;
    /// Advances to `due`, unless a stop is requested before or on the way.
    bool wait_until(SteadyTime due, const std::stop_token& stop) override;

    void attach(std::shared_ptr<clock::Alarm> alarm) override;
    void detach(clock::Alarm& alarm, SteadyTime deadline) override;
    void rearm(clock::Alarm& alarm) override;

private:
    /// Returns false if stopped on the way.
    bool advance_to(SteadyTime target, const std::stop_token& stop);
    void move_to(SteadyTime time);
    [[nodiscard]] std::shared_ptr<clock::Alarm> first_due(SteadyTime until) const;

    mutable std::mutex mutex_;
    Clock::Reading now_;
    std::vector<std::shared_ptr<clock::Alarm>> alarms_; // pulses first
};

} // namespace tickertape
