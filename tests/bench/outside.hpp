// SPDX-License-Identifier: MIT
/// \file
/// Measurements of a program from outside.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace bench {

/// Returns the field `wanted` of /proc/PID/smaps_rollup, such as `Rss`, in MB; 0 if there is no such process.
[[nodiscard]] double memory_of(pid_t pid, const std::string& wanted);

/// Returns the time from the start of a program to its first byte of output, in
/// ms: the least of some starts. Then kills it. Negative if it writes nothing.
[[nodiscard]] double quickest_first_byte_ms(const std::vector<std::string>& command, int starts);

} // namespace bench
