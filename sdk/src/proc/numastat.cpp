// SPDX-License-Identifier: MIT
#include <tickertape/proc/numastat.hpp>

#include <algorithm>
#include <system_error>
#include <utility>

#include <tickertape/proc/cpu_list.hpp>
#include <tickertape/proc/relative_path.hpp>

#include "base/diagnostics.hpp"

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

void NumaCounts::read(const Root& sys) {
    counts_.clear();
    nodes_ = list_nodes(sys, std::move(nodes_));
    texts_.resize(std::max(texts_.size(), nodes_.size()));
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        try {
            numbers_ = read_numastat(sys, nodes_[i], texts_[i], std::move(numbers_));
            for (const auto& [name, pages] : numbers_) {
                counts_.push_back({nodes_[i], name, pages});
            }
        } catch (const ParseError& error) {
            base::report(error.what());
        } catch (const std::system_error& error) {
            base::report(error.what());
        }
    }
}

} // namespace tickertape::proc
