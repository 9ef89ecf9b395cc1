// SPDX-License-Identifier: MIT
/// \file
/// Measurements of a program from outside.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace bench {

/// The field `wanted` of /proc/PID/smaps_rollup, such as `Rss`, in MB; 0 if there is no such process.
[[nodiscard]] double memory_of(pid_t pid, const std::string& wanted);

/// From the start of a program to the first byte that it writes, in ms: the least of some starts. Then it is killed.
/// Negative if it writes nothing.
[[nodiscard]] double quickest_first_byte_ms(const std::vector<std::string>& command, int starts);

} // namespace bench
