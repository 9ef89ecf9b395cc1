// SPDX-License-Identifier: MIT
/// \file
/// /proc/loadavg: the number of runnable threads.
#pragma once

#include <cstdint>
#include <string_view>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// See proc_loadavg(5).
struct LoadAvg {
    double one_minute;
    double five_minutes;
    double fifteen_minutes;
    std::uint64_t runnable; ///< running or runnable threads
    std::uint64_t threads;  ///< all threads
};

/// Reads `NUMBER NUMBER NUMBER RUNNABLE/THREADS`; further columns are ignored. Throws ParseError that names `file` and the token.
/// Pure.
[[nodiscard]] LoadAvg parse_loadavg(std::string_view text, std::string_view file);

/// Throws std::system_error or ParseError that names the file.
[[nodiscard]] LoadAvg read_loadavg(const Root& root);

} // namespace tickertape::proc
