// SPDX-License-Identifier: MIT
/// \file
/// /sys/devices/system/cpu/cpuN/cpufreq: how fast CPUs run.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// A frequency of one CPU.
struct CpuFreq {
    int cpu;
    std::string_view name; ///< `min` and `max`, what the CPU can, and `cur`, how fast it runs
    std::int64_t khz;
};

/// Those of the CPUs whose speed the kernel sets, by number; what a driver does not tell is missing. None on most
/// virtual machines. `sys` is a root like /sys. Throws std::system_error or ParseError that names the file.
[[nodiscard]] std::vector<CpuFreq> read_cpufreq(const Root& sys, std::vector<CpuFreq> frequencies = {});

} // namespace tickertape::proc
