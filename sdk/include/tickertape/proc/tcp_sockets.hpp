// SPDX-License-Identifier: MIT
/// \file
/// TcpSocketReader: the TCP sockets of this machine, in the cheapest way that works.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>

#include <tickertape/proc/net_tcp.hpp>
#include <tickertape/proc/root.hpp>
#include <tickertape/proc/sock_diag.hpp>

namespace tickertape::proc {

/// Reads the sockets of /proc/net/tcp and tcp6: by sock_diag(7) if the root is /proc itself. If the kernel does not
/// answer (before Linux 3.3, in some containers) or an answer fails, it reads the files. The first such case is reported on stderr.
///
/// Thread safety: none.
class TcpSocketReader {
public:
    using Dump = DumpResult(int family, SockDiagParser& parser, std::string& buffer,
                            const std::function<void(const TcpSocket&)>& f);

    /// `root` must outlive this. `dump` asks the kernel.
    explicit TcpSocketReader(const Root& root, std::function<Dump> dump = dump_tcp_sockets);

    /// `names` are `net/tcp`, `net/tcp6` or both. Calls `begin` and then `f` for each socket. If a dump fails halfway,
    /// `begin` is called again, and the sockets before that do not count. Returns how many of the files exist: there is no
    /// tcp6 without IPv6. Throws as read_net_tcp does.
    std::size_t read(std::initializer_list<const char*> names, std::string& buffer, const std::function<void()>& begin,
                     const std::function<void(const TcpSocket&)>& f);

    /// The number of sockets in each of the tcp_states. Nothing if there is no such file. Throws as read_net_tcp does.
    [[nodiscard]] std::optional<std::array<std::int64_t, tcp_states.size()>> count(const char* name,
                                                                                   std::string& buffer);

private:
    enum class Source : std::uint8_t { kernel, file };
    /// The number of files that exist. Nothing if the kernel did not return all sockets.
    std::optional<std::size_t> read_from(Source source, std::initializer_list<const char*> names, std::string& buffer,
                                         const std::function<void(const TcpSocket&)>& f);
    void note(const DumpResult& failure);

    const Root& root_;
    SockDiagParser parser_;
    std::function<Dump> dump_; // empty: the files are read
    bool has_reported_ = false;
};

} // namespace tickertape::proc
