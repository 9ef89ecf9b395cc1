// SPDX-License-Identifier: MIT
#include "proc/softirqs.hpp"

namespace tickertape::proc {

PerCpuTable read_softirqs(const Root& root, std::string& buffer) {
    return parse_interrupts(root.need_all("softirqs", buffer), (root.path() / "softirqs").native());
}

} // namespace tickertape::proc
