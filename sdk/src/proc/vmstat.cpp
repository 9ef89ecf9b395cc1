// SPDX-License-Identifier: MIT
#include <tickertape/proc/vmstat.hpp>

#include <utility>

namespace tickertape::proc {

std::vector<NamedNumber> read_vmstat(const Root& root, std::string& buffer, std::vector<NamedNumber> rows) {
    return parse_named_numbers(root.need_all("vmstat", buffer), root.path_of("vmstat"), root.skipped(),
                               std::move(rows));
}

} // namespace tickertape::proc
