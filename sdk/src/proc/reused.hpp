// SPDX-License-Identifier: MIT
/// \file
/// Reused: memory of readers of several kernel files.
#pragma once

#include <string>
#include <vector>

#include "proc/cpufreq.hpp"
#include "proc/cpuset.hpp"
#include "proc/interrupts.hpp"
#include "proc/meminfo.hpp"
#include "proc/numastat.hpp"
#include "proc/stat.hpp"

namespace tickertape::proc {

/// What one reading leaves for the next, so that none allocates but the first.
struct Reused {
    std::string text;
    std::string name;
    std::vector<MemInfo> memory;
    std::vector<NamedNumber> numbers;
    std::vector<CpuRow> cpus;
    std::vector<CpuFreq> frequencies;
    std::vector<TypeCount> counts;
    std::vector<int> nodes;
    PerCpuTable table;
    CpuSets sets;
};

} // namespace tickertape::proc
