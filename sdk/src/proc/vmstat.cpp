// SPDX-License-Identifier: MIT
#include "proc/vmstat.hpp"

namespace tickertape::proc {

std::vector<NamedNumber> read_vmstat(const Root& root, std::string& buffer) {
    return parse_named_numbers(root.need_all("vmstat", buffer), (root.path() / "vmstat").native());
}

} // namespace tickertape::proc
