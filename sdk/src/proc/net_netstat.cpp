// SPDX-License-Identifier: MIT
#include <tickertape/proc/net_netstat.hpp>

#include <utility>

namespace tickertape::proc {

std::vector<SnmpCounter> read_net_netstat(const Root& root, std::string& buffer, std::vector<SnmpCounter> counters) {
    return parse_net_snmp(root.need_all("net/netstat", buffer), root.path_of("net/netstat"), root.skipped(),
                          std::move(counters));
}

} // namespace tickertape::proc
