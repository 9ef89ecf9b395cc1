// SPDX-License-Identifier: MIT
/// \file
/// /proc/net/tcp and tcp6: the TCP sockets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// An address and a port. An IPv4 address is mapped to IPv6 (::ffff:10.0.0.1). Bytes are in the order in which an address is
/// written.
struct TcpEndpoint {
    std::array<std::uint8_t, 16> address;
    std::uint16_t port;

    /// Returns whether this is not an address of the public internet: no address, loopback, link-local, or private (RFC 1918, RFC
    /// 4193).
    [[nodiscard]] bool is_internal() const noexcept;
};

/// A socket; see proc_pid_net(5).
struct TcpSocket {
    TcpEndpoint local;
    TcpEndpoint remote;
    unsigned state; ///< 1 to 12, see tcp_states; new kernels may have others
    unsigned uid;   ///< the user id of its owner; 0 after it was closed

    /// Returns whether both ends are internal.
    [[nodiscard]] bool is_internal() const noexcept { return local.is_internal() && remote.is_internal(); }
};

/// The names of the states, beginning with state 1.
inline constexpr std::array<std::string_view, 12> tcp_states{"established", "syn_sent",  "syn_recv", "fin_wait1",
                                                             "fin_wait2",   "time_wait", "close",    "close_wait",
                                                             "last_ack",    "listen",    "closing",  "new_syn_recv"};

/// Calls `f` for each socket: a line `NUMBER: LOCAL REMOTE STATE …` of at least 8 columns. Column 8 is the uid; further
/// columns are skipped, and so is a line of titles, which begins with `sl`. `first_line` is the number of the first line
/// in the file. Returns the number of lines. Throws ParseError that names `file`, line and token. Pure except for `f`.
std::size_t parse_net_tcp(std::string_view text, std::string_view file, const std::function<void(const TcpSocket&)>& f,
                          std::size_t first_line = 1);

/// Reads `net/tcp` or `net/tcp6` piece by piece, because there may be a million sockets. Returns whether there is such a
/// file: there is no tcp6 without IPv6. Throws std::system_error or ParseError that names the file.
bool read_net_tcp(const Root& root, const char* name, std::string& buffer,
                  const std::function<void(const TcpSocket&)>& f);

/// The number of sockets in each of the tcp_states. Nothing if there is no such file. Throws as read_net_tcp does.
[[nodiscard]] std::optional<std::array<std::int64_t, tcp_states.size()>>
count_tcp_states(const Root& root, const char* name, std::string& buffer);

} // namespace tickertape::proc
