// SPDX-License-Identifier: MIT
/// \file
/// /proc/loadavg: the number of threads that want to run.
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
    std::uint64_t runnable; ///< threads that run or are about to
    std::uint64_t threads;  ///< all there are
};

/// Reads `NUMBER NUMBER NUMBER RUNNABLE/THREADS`; more columns are passed over. Throws ParseError that names `file` and
/// the token. Pure.
[[nodiscard]] LoadAvg parse_loadavg(std::string_view text, std::string_view file);

/// Throws std::system_error or ParseError that names the file.
[[nodiscard]] LoadAvg read_loadavg(const Root& root);

} // namespace tickertape::proc
