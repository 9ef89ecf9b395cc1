// SPDX-License-Identifier: MIT
/// \file
/// DueTimes: the due times of the runs of one period.
#pragma once

#include <chrono>
#include <functional>

#include <tickertape/clock.hpp>

namespace tickertape::counter {

class Pulse;

/// The multiples of a period since 1970, on a clock that may be set, each once.
///
/// Thread safety: none; one thread at a time.
class DueTimes {
public:
    /// The first due time is the next multiple. `clock` is borrowed. Throws UsageError when the period is not at least 1 ms.
    DueTimes(std::chrono::milliseconds period, Clock& clock);

    /// Returns the time at which to call `run` next.
    [[nodiscard]] SteadyTime next() const noexcept { return now_.steady + (due_ - now_.wall); }

    /// Calls `f` in a run of the present due time, and counts due times that passed without a run. If wall time was set back meanwhile, so
    /// that none is due, it only finds the next one. An exception passes through; the next due time is the same as if `f` had returned.
    void run(const std::function<void()>& f);

private:
    void end_run(WallTime latest, SteadyTime started, std::uint64_t missed);

    std::chrono::milliseconds period_;
    Clock& clock_;
    Pulse& pulse_; // which lives as long as the clock
    Clock::Reading now_;
    WallTime due_;
};

} // namespace tickertape::counter
