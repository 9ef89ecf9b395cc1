// SPDX-License-Identifier: MIT
/// \file
/// TCP sockets by sock_diag(7), which costs a fraction of reading /proc/net/tcp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tickertape/proc/net_tcp.hpp>

namespace tickertape::proc {

/// The state of a dump after a datagram.
enum class DumpState : std::uint8_t {
    more,        ///< further datagrams follow
    done,        ///< it is complete
    interrupted, ///< the table changed so that sockets may be missing or twice (NLM_F_DUMP_INTR)
    refused,     ///< the kernel answered with an error
    malformed,   ///< not an answer to the request, or cut off
};

/// `error` is an errno value, and is set with `refused` only.
struct DumpResult {
    DumpState state = DumpState::more;
    int error = 0;
};

/// Parses the answers to one request after the other, datagram by datagram. Allocates only while there are more
/// listening sockets than ever before.
///
/// Thread safety: none.
class SockDiagParser {
public:
    /// Begins the answer to the request with this number.
    void begin(std::uint32_t sequence) noexcept;

    /// Calls `f` for each socket. Does not read beyond `datagram`, whatever its content. A state other than `more` ends the dump.
    DumpResult take(std::span<const char> datagram, const std::function<void(const TcpSocket&)>& f);

private:
    struct Listener {
        TcpEndpoint local;
        unsigned uid;
    };
    [[nodiscard]] std::optional<TcpSocket> socket_in(std::span<const char> body);
    [[nodiscard]] unsigned owner_of_request(const TcpEndpoint& local) const noexcept;

    std::uint32_t sequence_ = 0;
    std::vector<Listener> listeners_; // a connection that is being set up has the owner of its listener
    bool is_interrupted_ = false;
};

/// Asks the kernel for the TCP sockets of `family` (AF_INET, AF_INET6) in this process's network namespace. Needs no
/// privilege. `refused` also covers a netlink socket that cannot be opened or fails. Waits at most one second for an answer.
[[nodiscard]] DumpResult dump_tcp_sockets(int family, SockDiagParser& parser, std::string& buffer,
                                          const std::function<void(const TcpSocket&)>& f);

} // namespace tickertape::proc
