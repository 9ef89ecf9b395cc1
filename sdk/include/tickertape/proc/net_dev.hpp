// SPDX-License-Identifier: MIT
/// \file
/// /proc/net/dev: bytes, packets and errors of network interfaces.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// An interface; see proc_pid_net(5). Counts since it came up, in the order of the columns' names below.
struct NetDevice {
    std::string_view name; ///< points into the text; may contain any character except blanks and '/'
    std::array<std::uint64_t, 8> received;
    std::array<std::uint64_t, 8> sent;
};

inline constexpr std::array<std::string_view, 8> net_dev_received{"bytes", "packets", "errs",       "drop",
                                                                  "fifo",  "frame",   "compressed", "multicast"};
inline constexpr std::array<std::string_view, 8> net_dev_sent{"bytes", "packets", "errs",    "drop",
                                                              "fifo",  "colls",   "carrier", "compressed"};

/// Reads lines `NAME: NUMBER…` of at least 16 columns, as they are since Linux 2.2, below two lines of titles; further columns
/// are ignored. Throws ParseError that names `file`, line and token. Pure. Replaces the content of `devices`, and uses its memory
/// again.
[[nodiscard]] std::vector<NetDevice> parse_net_dev(std::string_view text, std::string_view file, SkippedRows& skipped,
                                                   std::vector<NetDevice> devices = {});

/// Throws std::system_error or ParseError that names the file. The names point into `buffer`.
[[nodiscard]] std::vector<NetDevice> read_net_dev(const Root& root, std::string& buffer,
                                                  std::vector<NetDevice> devices = {});

} // namespace tickertape::proc
