// SPDX-License-Identifier: MIT
/// \file
/// Alarm: an action that a clock calls when it is due.
#pragma once

#include <tickertape/clock.hpp>

namespace tickertape::clock {

inline constexpr SteadyTime never = SteadyTime::max();

class Alarm {
public:
    Alarm() = default;
    virtual ~Alarm() = default;
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    /// Returns the time of the next ring; `never` for none. It may be called from any thread at any time, and has no effect on
    /// the alarm.
    [[nodiscard]] virtual SteadyTime due() const = 0;
    /// Called at the due time or later, by one thread at a time.
    virtual void ring(const Clock::Reading& now) = 0;
    /// Returns whether this is the pulse, which samples counters. Other alarms may block.
    [[nodiscard]] virtual bool is_pulse() const noexcept { return false; }
    /// Alarms with the same writer ring on one thread, one at a time: each of them waits for that writer in any case. Null: the
    /// alarm has a thread of its own. Does not change.
    [[nodiscard]] virtual const void* writer() const noexcept { return nullptr; }
    /// The name of its thread, unless an earlier alarm named the thread.
    [[nodiscard]] virtual const char* thread_name() const noexcept { return "tt-dump"; }
    /// Returns how punctual the pulse is.
    [[nodiscard]] virtual Clock::Stats stats() const { return {}; }
};

} // namespace tickertape::clock
