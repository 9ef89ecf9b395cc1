// SPDX-License-Identifier: MIT
#include "proc/net_netstat.hpp"

namespace tickertape::proc {

std::vector<SnmpCounter> read_net_netstat(const Root& root, std::string& buffer) {
    return parse_net_snmp(root.need_all("net/netstat", buffer), (root.path() / "net/netstat").native());
}

} // namespace tickertape::proc
