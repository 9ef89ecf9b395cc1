// SPDX-License-Identifier: MIT
/// \file
/// The two time scales: wall time for timestamps, and steady time for measuring.
#pragma once

#include <chrono>

namespace tickertape {

/// Wall time: nanoseconds since 1970 (UTC, no leap seconds). It can step.
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;
/// Steady time: never steps, and stops while the machine is suspended. All waiting and all deadlines use it.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

} // namespace tickertape
