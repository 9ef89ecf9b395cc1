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

    /// When to ring next; `never` for not at all. Called from any thread, at any time: asking does not put it off.
    [[nodiscard]] virtual SteadyTime due() const = 0;
    /// Called when due or later, by one thread at a time.
    virtual void ring(const Clock::Reading& now) = 0;
    /// Whether this is the pulse, which samples, or something that may block.
    [[nodiscard]] virtual bool is_pulse() const noexcept { return false; }
    /// Alarms of one writer ring on one thread, one at a time, as one that waits for it would hold up the others all the
    /// same. Null: on a thread of its own. Does not change.
    [[nodiscard]] virtual const void* writer() const noexcept { return nullptr; }
    /// Of its thread, unless the thread has a name from an alarm that was there before.
    [[nodiscard]] virtual const char* thread_name() const noexcept { return "tt-dump"; }
    /// How well the pulse keeps time.
    [[nodiscard]] virtual Clock::Stats stats() const { return {}; }
};

} // namespace tickertape::clock
