// SPDX-License-Identifier: MIT
/// \file
/// /proc/net/netstat: further counters of the network's protocols.
#pragma once

#include <string>
#include <vector>

#include <tickertape/proc/net_snmp.hpp>

namespace tickertape::proc {

/// The file has the form of /proc/net/snmp; parse_net_snmp is the parser. Throws std::system_error or ParseError that
/// names the file. The text points into `buffer`.
[[nodiscard]] std::vector<SnmpCounter> read_net_netstat(const Root& root, std::string& buffer,
                                                        std::vector<SnmpCounter> counters = {});

} // namespace tickertape::proc
