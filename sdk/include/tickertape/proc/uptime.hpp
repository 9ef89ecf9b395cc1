// SPDX-License-Identifier: MIT
/// \file
/// /proc/uptime: the time since boot.
#pragma once

#include <string_view>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// Seconds; see proc_uptime(5).
struct Uptime {
    double since_boot; ///< includes the time in which the machine was suspended
    double idle;       ///< of all CPUs together
};

/// Reads `SECONDS SECONDS`; further columns are ignored. Throws ParseError that names `file` and the token. Pure.
[[nodiscard]] Uptime parse_uptime(std::string_view text, std::string_view file);

/// Throws std::system_error or ParseError that names the file.
[[nodiscard]] Uptime read_uptime(const Root& root);

} // namespace tickertape::proc
