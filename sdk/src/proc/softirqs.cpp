// SPDX-License-Identifier: MIT
#include <tickertape/proc/softirqs.hpp>

#include <utility>

namespace tickertape::proc {

PerCpuTable read_softirqs(const Root& root, std::string& buffer, PerCpuTable table) {
    return parse_interrupts(root.need_all("softirqs", buffer), root.path_of("softirqs"), root.skipped(),
                            std::move(table));
}

} // namespace tickertape::proc
