// SPDX-License-Identifier: MIT
/// \file
/// The kernel's clock as adjtimex tells it: how far off it is, and whether somebody keeps it right.
#pragma once

#include <sys/timex.h>

namespace tickertape::proc {

struct ClockState {
    bool is_synchronised; ///< an NTP daemon or the like keeps it
    double offset; ///< seconds that are still to be corrected; as ntpd and systemd-timesyncd leave it, chrony leaves 0
    double estimated_error; ///< seconds
    double maximum_error;   ///< seconds; grows while nobody corrects it
    double frequency_ratio; ///< to the hardware's speed: 1.00002 for 20 ppm faster
    double tai_offset;      ///< seconds between TAI and UTC; 0 where nobody has set it
};

/// From what adjtimex has filled in, and what it returned. Pure.
[[nodiscard]] ClockState clock_state_of(const ::timex& clock, int state) noexcept;

/// Asks the kernel, and changes nothing. Throws std::system_error.
[[nodiscard]] ClockState read_clock_state();

} // namespace tickertape::proc
