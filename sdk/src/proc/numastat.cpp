// SPDX-License-Identifier: MIT
#include <tickertape/proc/numastat.hpp>

#include <algorithm>
#include <utility>

#include <tickertape/proc/cpu_list.hpp>
#include <tickertape/proc/relative_path.hpp>

namespace tickertape::proc {

std::vector<int> list_nodes(const Root& sys, std::vector<int> nodes) {
    nodes.clear();
    sys.each_name("devices/system/node", [&nodes](std::string_view name) {
        if (const auto node = number_behind("node", name)) {
            nodes.push_back(*node);
        }
    });
    std::sort(nodes.begin(), nodes.end());
    return nodes;
}

std::vector<NamedNumber> read_numastat(const Root& sys, int node, std::string& buffer, std::vector<NamedNumber> rows) {
    const RelativePath name = RelativePath{"devices/system/node/node"}.append(node).append("/numastat");
    const auto text = sys.read_all(name.c_str(), buffer);
    if (!text) {
        rows.clear();
        return rows;
    }
    return parse_named_numbers(*text, sys.path_of(name.text()), sys.skipped(), std::move(rows));
}

} // namespace tickertape::proc
