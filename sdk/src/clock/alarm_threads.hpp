// SPDX-License-Identifier: MIT
/// \file
/// Threads for alarms, by the clocks of the machine.
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "base/forks.hpp"
#include "clock/alarm.hpp"

namespace tickertape::clock {

[[nodiscard]] Clock::Reading read_system_clocks() noexcept;

/// Returns a reading that is old by up to one timer tick of the kernel, in a sixth of the time. Usually both times are of the same tick.
[[nodiscard]] Clock::Reading read_coarse_system_clocks() noexcept;
bool wait_on_steady_clock(SteadyTime due, const std::stop_token& stop);

/// Rings alarms when they are due, on threads that block all signals. The alarms of one writer share a thread; an alarm without a
/// writer has its own.
///
/// Thread safety: all members may be called from any thread.
class AlarmThreads {
public:
    AlarmThreads();
    ~AlarmThreads();
    AlarmThreads(const AlarmThreads&) = delete;
    AlarmThreads& operator=(const AlarmThreads&) = delete;

    void attach(std::shared_ptr<Alarm> alarm);
    void detach(Alarm& alarm, SteadyTime deadline);
    void rearm(Alarm& alarm);

private:
    class Ringer;
    /// A child of a fork has none at first, and does not use those of its parent.
    struct Ringers {
        std::mutex mutex;
        std::vector<std::shared_ptr<Ringer>> all{};
    };

    base::PerProcess<Ringers> ringers_;
};

} // namespace tickertape::clock
