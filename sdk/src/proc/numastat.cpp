// SPDX-License-Identifier: MIT
#include "proc/numastat.hpp"

#include <algorithm>

#include "proc/cpu_list.hpp"

namespace tickertape::proc {

std::vector<int> list_nodes(const Root& sys) {
    std::vector<int> nodes;
    for (const std::string& name : sys.list("devices/system/node")) {
        if (const auto node = number_behind("node", name)) {
            nodes.push_back(*node);
        }
    }
    std::sort(nodes.begin(), nodes.end());
    return nodes;
}

std::vector<NamedNumber> read_numastat(const Root& sys, int node, std::string& buffer) {
    std::string name{"devices/system/node/node"};
    name.append(std::to_string(node)).append("/numastat");
    const auto text = sys.read_all(name.c_str(), buffer);
    if (!text) {
        return {};
    }
    return parse_named_numbers(*text, (sys.path() / name).native());
}

} // namespace tickertape::proc
