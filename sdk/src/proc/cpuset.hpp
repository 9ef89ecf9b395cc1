// SPDX-License-Identifier: MIT
/// \file
/// /sys/fs/cgroup/cpuset: which CPUs belong to which group (version 1 of control groups).
#pragma once

#include <map>
#include <string>

#include "proc/root.hpp"

namespace tickertape::proc {

/// The name of the group that each CPU is in; of several, the last one by name. CPUs in none are missing. `sys` is a
/// root like /sys. Throws std::system_error or ParseError that names the file.
[[nodiscard]] std::map<int, std::string> read_cpusets(const Root& sys, std::string& buffer);

} // namespace tickertape::proc
