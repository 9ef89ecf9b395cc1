// SPDX-License-Identifier: MIT
/// \file
/// /sys/devices/system/cpu/cpuN/cpufreq: the frequencies of CPUs.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// A frequency of one CPU.
struct CpuFreq {
    int cpu;
    std::string_view name; ///< `min` and `max`, the limits of the CPU, and `cur`, its present frequency
    std::int64_t khz;
};

/// The frequencies of the CPUs whose frequency the kernel sets, by CPU number. Values that a driver does not report are missing.
/// Most virtual machines have none. `sys` is a root like /sys. Throws std::system_error or ParseError that names the file.
[[nodiscard]] std::vector<CpuFreq> read_cpufreq(const Root& sys, std::vector<CpuFreq> frequencies = {});

} // namespace tickertape::proc
