// SPDX-License-Identifier: MIT
/// \file
/// Alarm: what a clock calls when it is due.
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

    /// When to ring next; `never` for not at all. Called from any thread.
    [[nodiscard]] virtual SteadyTime due() const = 0;
    /// Called when due or later, by one thread at a time.
    virtual void ring(const ClockReading& now) = 0;
    /// Whether this is the pulse, which samples, or something that may block.
    [[nodiscard]] virtual bool is_pulse() const noexcept { return false; }
    /// How well the pulse keeps time.
    [[nodiscard]] virtual ClockStats stats() const { return {}; }
};

} // namespace tickertape::clock
