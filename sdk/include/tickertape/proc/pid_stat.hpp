// SPDX-License-Identifier: MIT
/// \file
/// /proc/PID/stat: one process.
#pragma once

#include <optional>
#include <string_view>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// The used part of /proc/PID/stat; see proc_pid_stat(5).
struct PidStat {
    int pid;
    char state; ///< R S D T t Z X x I, and others of older kernels (K W P)
};

/// Reads `PID (NAME) STATE …`. The name may contain anything, including blanks, parentheses and newlines, so it ends at the last
/// `)`. Further columns are ignored. Throws ParseError that names `file` and the token. Pure.
[[nodiscard]] PidStat parse_pid_stat(std::string_view text, std::string_view file);

/// Nothing if there is no such process (any more). Throws as Root::read and parse_pid_stat do.
[[nodiscard]] std::optional<PidStat> read_pid_stat(const Root& root, int pid);

} // namespace tickertape::proc
