// SPDX-License-Identifier: MIT
/// \file
/// Target: the address of a server for points.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/name.hpp>

namespace tickertape {

/// A receiver: `HOST[:PORT]`, or `SCHEME://HOST[:PORT][/PATH]` with one of the schemes tsd, http, https, influx, influxs,
/// influx2, influx2s. An IPv6 address is in brackets. Default ports: 4242, for https 443, for InfluxDB 8086; default path
/// of http: /api/put. The path of influx is `/[PREFIX/]DATABASE[:RETENTION-POLICY]`, that of influx2
/// `/[PREFIX/]ORGANISATION/BUCKET`; a proxy may put a prefix in front of the server's own paths. `unix:/PATH` is a Unix socket on
/// this machine, such as that of `tickertape agent`.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class Target {
public:
    enum class Protocol : std::uint8_t {
        telnet,   ///< put lines: `host:4242`, `tsd://host:4242`, `unix:/run/tickertape/put.sock`
        http,     ///< OpenTSDB's JSON: `http://host:4242/api/put`
        https,    ///< the same over TLS
        influx,   ///< InfluxDB's line protocol: `influx://host:8086/database`
        influxs,  ///< the same over TLS
        influx2,  ///< the same to `/api/v2/write` of InfluxDB 2 or 3: `influx2://host:8086/organisation/bucket`
        influx2s, ///< the same over TLS
    };

    /// Throws UsageError with a sentence that names the text and the fault. Credentials
    /// (`user:password@`) and parameters (`?key=value`) are refused, because command lines and logs are not secret; the
    /// sentence does not repeat them.
    explicit Target(std::string_view text);

    [[nodiscard]] Protocol protocol() const noexcept { return protocol_; }
    [[nodiscard]] bool uses_tls() const noexcept {
        return protocol_ == Protocol::https || protocol_ == Protocol::influxs || protocol_ == Protocol::influx2s;
    }
    /// Returns whether it is a Unix socket. Then the host is empty, the port is 0, and the path is that of the socket.
    [[nodiscard]] bool is_unix_socket() const noexcept { return host_.empty(); }
    /// A name or an address, without brackets.
    [[nodiscard]] const std::string& host() const noexcept { return host_; }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    /// With its leading `/`; for influx and influx2 without it; empty for telnet over TCP.
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// The whole target as text, which reads back as the same target.
    [[nodiscard]] std::string text() const;

    friend bool operator==(const Target&, const Target&) = default;

private:
    Protocol protocol_ = Protocol::telnet;
    std::uint16_t port_ = 0;
    std::string host_;
    std::string path_;
};
[[nodiscard]] std::string_view describe(Target::Protocol protocol) noexcept;

/// One or more targets of the same protocol (with and without TLS counts as the same). One of them is used at a time.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class Targets {
public:
    template <class Text>
        requires std::convertible_to<const Text&, std::string_view>
    Targets(const Text& target) // NOLINT(*-explicit-*): one is the usual number
        : Targets{{std::string_view{target}}} {}
    /// Throws UsageError for an empty list, a text that is not a target, or different protocols.
    Targets(std::initializer_list<std::string_view> targets);
    explicit Targets(std::vector<Target> targets);

    [[nodiscard]] const std::vector<Target>& all() const noexcept { return targets_; }
    /// Returns the protocol without TLS: telnet, http or influx.
    [[nodiscard]] Target::Protocol protocol() const noexcept;

private:
    std::vector<Target> targets_;
};

} // namespace tickertape
