// SPDX-License-Identifier: MIT
/// \file
/// /proc/net/sockstat: the number of sockets and their memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// A pair `NAME NUMBER` in the line of a protocol. Texts point into the parsed text.
struct SockStat {
    std::string_view protocol; ///< `TCP`, without its colon
    std::string_view name;     ///< `inuse`
    std::uint64_t value;
};

/// Reads lines `PROTOCOL: NAME NUMBER NAME NUMBER…`, as they are since Linux 2.4. The pairs depend on the kernel. Throws
/// ParseError that names `file`, line and token, also for a text without any line. Pure.
[[nodiscard]] std::vector<SockStat> parse_net_sockstat(std::string_view text, std::string_view file,
                                                       SkippedRows& skipped, std::vector<SockStat> pairs = {});

/// Throws std::system_error or ParseError that names the file. The text points into `buffer`.
[[nodiscard]] std::vector<SockStat> read_net_sockstat(const Root& root, std::string& buffer,
                                                      std::vector<SockStat> pairs = {});

} // namespace tickertape::proc
