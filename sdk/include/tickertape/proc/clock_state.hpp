// SPDX-License-Identifier: MIT
/// \file
/// The state of the kernel's clock, from adjtimex: its error, and whether an NTP daemon corrects it.
#pragma once

#include <sys/timex.h>

namespace tickertape::proc {

struct ClockState {
    bool is_synchronised; ///< a program such as an NTP daemon corrects the clock
    double offset; ///< seconds that the kernel still has to correct, with ntpd and systemd-timesyncd; 0 with chrony
    double estimated_error; ///< seconds
    double maximum_error;   ///< seconds; grows while no program corrects the clock
    double frequency_ratio; ///< relative to the hardware's speed: 1.00002 is 20 ppm faster
    double tai_offset;      ///< seconds between TAI and UTC; 0 if it was not set
};

/// Makes a ClockState from the result of adjtimex. Pure.
[[nodiscard]] ClockState clock_state_of(const ::timex& clock, int state) noexcept;

/// Asks the kernel, and changes nothing. Throws std::system_error.
[[nodiscard]] ClockState read_clock_state();

} // namespace tickertape::proc
