// SPDX-License-Identifier: MIT
/// \file
/// /sys/devices/system/node/nodeN/numastat: the memory nodes from which pages were allocated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/named_numbers.hpp>

namespace tickertape::proc {

/// The numbers of the memory nodes, in order; none on a machine without such nodes. `sys` is a root like /sys. Throws
/// std::system_error.
[[nodiscard]] std::vector<int> list_nodes(const Root& sys, std::vector<int> nodes = {});

/// Reads the lines `NAME PAGES` of a node; they point into `buffer`; parse_named_numbers is the parser. Nothing if the node does
/// not exist (any more). Throws std::system_error or ParseError that names the file.
[[nodiscard]] std::vector<NamedNumber> read_numastat(const Root& sys, int node, std::string& buffer,
                                                     std::vector<NamedNumber> rows = {});

/// A count of one node.
struct NumaCount {
    int node;
    std::string_view name; ///< the kernel's: `numa_hit`
    std::uint64_t pages;
};

/// The kernel's counts of memory nodes, by name.
///
/// Thread safety: none.
class NumaCounts {
public:
    /// Reads the files of all nodes. A file that cannot be read is left out and reported. `sys` is a root like /sys. Throws
    /// std::system_error.
    void read(const Root& sys);
    /// Returns the counts by node. Valid until the next `read`.
    [[nodiscard]] const std::vector<NumaCount>& counts() const noexcept { return counts_; }

private:
    std::vector<int> nodes_;
    std::vector<std::string> texts_; // by index in `nodes_`
    std::vector<NamedNumber> numbers_;
    std::vector<NumaCount> counts_;
};

} // namespace tickertape::proc
