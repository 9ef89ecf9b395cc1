// SPDX-License-Identifier: MIT
/// \file
/// Reused: memory of readers of several kernel files.
#pragma once

#include <string>
#include <vector>

#include <tickertape/proc/cpuset.hpp>
#include <tickertape/proc/meminfo.hpp>
#include <tickertape/proc/named_numbers.hpp>
#include <tickertape/proc/stat.hpp>

namespace tickertape::proc {

/// Memory that one reading leaves for the next, so that only the first reading allocates.
struct Reused {
    std::string text;
    std::string name;
    std::vector<MemInfo> memory;
    std::vector<NamedNumber> numbers;
    std::vector<CpuRow> cpus;
    CpuSets sets;
};

} // namespace tickertape::proc
