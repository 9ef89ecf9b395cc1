// SPDX-License-Identifier: MIT
/// \file
/// /proc/stat: what the CPUs spent their time on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proc/root.hpp"

namespace tickertape::proc {

/// Ticks (USER_HZ, as a rule 100 a second) since boot, of all CPUs together; see proc_stat(5). `user` and `nice` are as the
/// kernel has them: the time of guests is in them, too.
struct CpuTimes {
    std::uint64_t user = 0;
    std::uint64_t nice = 0;
    std::uint64_t system = 0;
    std::uint64_t idle = 0;
    std::uint64_t iowait = 0;
    std::uint64_t irq = 0;
    std::uint64_t softirq = 0;
    std::uint64_t steal = 0;      ///< since Linux 2.6.11
    std::uint64_t guest = 0;      ///< since Linux 2.6.24
    std::uint64_t guest_nice = 0; ///< since Linux 2.6.33
};

/// What we use of /proc/stat.
struct Stat {
    CpuTimes cpu;
};

/// Finds the line `cpu`. It has at least four columns; those that an older kernel lacks are 0, more are passed over. Other
/// lines are not looked at. Throws ParseError that names `file`, line and token. Pure.
[[nodiscard]] Stat parse_stat(std::string_view text, std::string_view file);

/// Throws std::system_error or ParseError that names the file.
[[nodiscard]] Stat read_stat(const Root& root);

} // namespace tickertape::proc
