// SPDX-License-Identifier: MIT
/// \file
/// /proc/net/snmp: counters of the network's protocols.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// A counter. Texts point into the parsed text.
struct SnmpCounter {
    std::string_view protocol; ///< `Tcp`, `TcpExt`, without its colon
    std::string_view name;     ///< `InErrs`
    std::uint64_t value;       ///< a negative number (`MaxConn` -1, no limit) as its two's complement
};

/// Reads pairs of lines: `PROTOCOL: NAME…`, then `PROTOCOL: NUMBER…`. A protocol may have several pairs. Numbers without a name
/// are ignored. Throws ParseError that names `file`, line and token, also for a text without any line. Pure.
[[nodiscard]] std::vector<SnmpCounter> parse_net_snmp(std::string_view text, std::string_view file,
                                                      SkippedRows& skipped, std::vector<SnmpCounter> counters = {});

/// Throws std::system_error or ParseError that names the file. The text points into `buffer`.
[[nodiscard]] std::vector<SnmpCounter> read_net_snmp(const Root& root, std::string& buffer,
                                                     std::vector<SnmpCounter> counters = {});

} // namespace tickertape::proc
