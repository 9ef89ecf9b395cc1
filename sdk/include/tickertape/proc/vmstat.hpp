// SPDX-License-Identifier: MIT
/// \file
/// /proc/vmstat: counts of virtual memory since boot.
#pragma once

#include <string>
#include <vector>

#include <tickertape/proc/named_numbers.hpp>

namespace tickertape::proc {

/// Lines `NAME NUMBER`, pages or events; see proc_vmstat(5). The names depend on the kernel. They point into
/// `buffer`; parse_named_numbers is the parser. Throws std::system_error or ParseError that names the file.
[[nodiscard]] std::vector<NamedNumber> read_vmstat(const Root& root, std::string& buffer,
                                                   std::vector<NamedNumber> rows = {});

} // namespace tickertape::proc
