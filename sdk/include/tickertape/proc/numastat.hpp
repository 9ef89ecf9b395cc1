// SPDX-License-Identifier: MIT
/// \file
/// /sys/devices/system/node/nodeN/numastat: from which memory node pages were taken.
#pragma once

#include <string>
#include <vector>

#include <tickertape/proc/named_numbers.hpp>

namespace tickertape::proc {

/// The numbers of the memory nodes, in order; none on a machine without such nodes. `sys` is a root like /sys. Throws
/// std::system_error.
[[nodiscard]] std::vector<int> list_nodes(const Root& sys, std::vector<int> nodes = {});

/// Lines `NAME PAGES` of a node; they point into `buffer`; parse_named_numbers is the parser. Nothing if there is no
/// such node (any more). Throws std::system_error or ParseError that names the file.
[[nodiscard]] std::vector<NamedNumber> read_numastat(const Root& sys, int node, std::string& buffer,
                                                     std::vector<NamedNumber> rows = {});

} // namespace tickertape::proc
