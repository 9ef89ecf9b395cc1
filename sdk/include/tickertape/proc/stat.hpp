// SPDX-License-Identifier: MIT
/// \file
/// /proc/stat: the CPUs' time by kind.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// Ticks (USER_HZ, usually 100 a second) since boot, of all CPUs together; see proc_stat(5). As in the kernel, `user` and `nice`
/// include the time of guests.
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

/// The part of /proc/stat that `read_stat` returns.
struct Stat {
    CpuTimes cpu;
};

/// The columns of a CPU, in the order of /proc/stat.
inline constexpr std::array<std::string_view, 10> cpu_columns{"user", "nice",    "system", "idle",  "iowait",
                                                              "irq",  "softirq", "steal",  "guest", "guest_nice"};

/// The ticks of one CPU.
struct CpuRow {
    std::optional<int> cpu;  ///< its number; nothing for all CPUs together
    std::size_t columns = 0; ///< the number of columns of this kernel
    std::array<std::uint64_t, cpu_columns.size()> ticks{};
};

/// All of /proc/stat that we use; since boot.
struct WholeStat {
    std::vector<CpuRow> cpus; ///< CPUs that are offline are missing
    std::optional<std::uint64_t> interrupts;
    std::optional<std::uint64_t> context_switches;
    std::optional<std::uint64_t> forks;
    std::optional<std::uint64_t> running; ///< processes that run, or could run, at present
    std::optional<std::uint64_t> blocked; ///< processes that wait, for example for a disk, at present
};

/// Finds the line `cpu`. It has at least four columns. Columns that an older kernel lacks are 0; further ones are ignored, and so
/// are other lines. Throws ParseError that names `file`, line and token. Pure.
[[nodiscard]] Stat parse_stat(std::string_view text, std::string_view file);

/// Reads all lines; unknown lines are ignored. Columns as in parse_stat. Throws ParseError that names
/// `file`, line and token, and for a text without a line `cpu`. Pure.
[[nodiscard]] WholeStat parse_whole_stat(std::string_view text, std::string_view file, SkippedRows& skipped,
                                         std::vector<CpuRow> rows = {});

/// Both throw std::system_error or ParseError that names the file. The first reads only the beginning of the file.
[[nodiscard]] Stat read_stat(const Root& root);
[[nodiscard]] WholeStat read_whole_stat(const Root& root, std::string& buffer, std::vector<CpuRow> rows = {});

} // namespace tickertape::proc
