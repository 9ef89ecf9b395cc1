// SPDX-License-Identifier: MIT
#include <tickertape/target.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "base/unix_socket.hpp"
#include "base/whole_number.hpp"

namespace tickertape {

namespace {

struct Scheme {
    std::string_view text;
    Target::Protocol protocol;
    std::uint16_t port;
    std::string_view path;
};

constexpr std::array<Scheme, 7> schemes{{{"tsd", Target::Protocol::telnet, 4242, ""},
                                         {"http", Target::Protocol::http, 4242, "/api/put"},
                                         {"https", Target::Protocol::https, 443, "/api/put"},
                                         {"influx", Target::Protocol::influx, 8086, ""},
                                         {"influxs", Target::Protocol::influxs, 8086, ""},
                                         {"influx2", Target::Protocol::influx2, 8086, ""},
                                         {"influx2s", Target::Protocol::influx2s, 8086, ""}}};

const Scheme& scheme_of(Target::Protocol protocol) {
    return *std::find_if(schemes.begin(), schemes.end(), [&](const Scheme& s) { return s.protocol == protocol; });
}

constexpr Target::Protocol without_tls(Target::Protocol protocol) noexcept {
    switch (protocol) {
    case Target::Protocol::https: return Target::Protocol::http;
    case Target::Protocol::influxs:
    case Target::Protocol::influx2:
    case Target::Protocol::influx2s: return Target::Protocol::influx;
    default: return protocol;
    }
}

// Text before an '@' or after a '?' may be a secret, so the message does not contain it.
[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    text = text.substr(text.rfind('@') + 1); // npos + 1 is 0
    throw UsageError{base::concat("the target ", base::quote(text.substr(0, text.find('?'))), " ", why)};
}

constexpr bool is_host_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
}

// Returns whether `text` is an address such as `::1` or `fe80::1%eth0`.
bool is_address(std::string_view text) {
    const std::size_t percent = std::min(text.find('%'), text.size());
    const std::string_view zone = text.substr(percent);
    in6_addr address{};
    return inet_pton(AF_INET6, std::string{text.substr(0, percent)}.c_str(), &address) == 1 && zone != "%" &&
           std::all_of(zone.begin() + (zone.empty() ? 0 : 1), zone.end(), is_host_character);
}

constexpr bool is_path_character(char c) noexcept { return c > ' ' && c < '\x7f' && c != '"' && c != '#' && c != '?'; }

// Returns `host` of `host` or `[address]`. `rest` gets the text after it.
std::string_view take_host(std::string_view text, std::string_view& rest) {
    if (rest.starts_with('[')) {
        const std::size_t end = rest.find(']');
        if (end == std::string_view::npos) {
            refuse(text, "has a '[' without a ']' after its address");
        }
        const std::string_view address = rest.substr(1, end - 1);
        if (!is_address(address)) {
            refuse(text, "has no IPv6 address in its brackets");
        }
        rest.remove_prefix(end + 1);
        return address;
    }
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (std::count(rest.begin(), rest.end(), ':') > 1) {
        refuse(text, "has several ':'; an IPv6 address is to stand in brackets, as in [::1]:4242");
    }
    const std::string_view host = rest.substr(0, end);
    if (host.empty()) {
        refuse(text, "names no host");
    }
    if (!std::all_of(host.begin(), host.end(), is_host_character)) {
        refuse(text, "has a character in its host's name that no such name holds");
    }
    rest.remove_prefix(end);
    return host;
}

std::uint16_t read_port(std::string_view text, std::string_view digits) {
    const std::uint16_t port = base::whole_number<std::uint16_t>(digits).value_or(0);
    if (port == 0) {
        refuse(text, "needs a port from 1 to 65535 after its ':'");
    }
    return port;
}

/// Returns whether `path` is `[prefix/]database[:policy]`.
bool has_database(std::string_view path) noexcept {
    const std::string_view name = path.substr(path.rfind('/') + 1); // npos + 1 is 0
    return !name.empty() && name.front() != ':' && name.back() != ':' && !path.starts_with('/');
}

/// Returns whether `path` is `[prefix/]organisation/bucket`.
bool has_organisation_and_bucket(std::string_view path) noexcept {
    const std::size_t last = path.rfind('/');
    return last != std::string_view::npos && last > 0 && last + 1 < path.size() && path[last - 1] != '/' &&
           !path.starts_with('/');
}

constexpr std::string_view socket_prefix = "unix:";

/// Returns whether `text` is a Unix socket: `unix:` and a path. `unix:4242` is a host.
bool is_socket(std::string_view text) noexcept {
    return text.starts_with(socket_prefix) && text.find('/') != std::string_view::npos;
}

/// Returns the path of `unix:/path` or `unix:///path`.
std::string_view socket_path(std::string_view text) {
    std::string_view path = text.substr(socket_prefix.size());
    if (path.starts_with("///")) {
        path.remove_prefix(2);
    }
    if (!path.starts_with('/') || path.starts_with("//") || path.ends_with('/')) {
        refuse(text, "needs the whole path of a socket, as in unix:/run/tickertape/put.sock");
    }
    if (std::any_of(path.begin(), path.end(),
                    [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; })) {
        refuse(text, "has a blank or a control character in the path of its socket");
    }
    if (path.size() > base::longest_socket_path) {
        refuse(text, base::concat("has a path of ", path.size(), " bytes, and the longest of a Unix socket has ",
                                  base::longest_socket_path));
    }
    return path;
}

} // namespace

std::string_view describe(Target::Protocol protocol) noexcept {
    switch (protocol) {
    case Target::Protocol::telnet: return "telnet";
    case Target::Protocol::http: return "http";
    case Target::Protocol::https: return "https";
    case Target::Protocol::influx: return "influx";
    case Target::Protocol::influxs: return "influxs";
    case Target::Protocol::influx2: return "influx2";
    case Target::Protocol::influx2s: return "influx2s";
    }
    return "unknown protocol";
}

Target::Target(std::string_view text) {
    if (is_socket(text)) {
        path_ = socket_path(text);
        return;
    }
    if (text.find('@') != std::string_view::npos) {
        refuse(text, "has credentials before it; they belong in a file or the environment, see the manual on pushing");
    }
    if (text.find('?') != std::string_view::npos) {
        refuse(text, "has a '?' behind it; parameters are no part of a target");
    }
    std::string_view rest = text;
    const Scheme* scheme = schemes.data();
    if (const std::size_t colon = rest.find("://"); colon != std::string_view::npos) {
        const std::string_view name = rest.substr(0, colon);
        scheme = std::find_if(schemes.begin(), schemes.end(), [name](const Scheme& s) { return s.text == name; });
        if (scheme == schemes.end()) {
            refuse(text, "has an unknown scheme; tsd, http, https, influx, influxs, influx2 and influx2s are known");
        }
        rest.remove_prefix(colon + 3);
    }
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view path = rest.substr(slash);
    rest = rest.substr(0, slash);
    protocol_ = scheme->protocol;
    host_ = take_host(text, rest);
    if (!rest.empty() && rest.front() != ':') {
        refuse(text, "has something else than a port after its address");
    }
    port_ = rest.empty() ? scheme->port : read_port(text, rest.substr(1));
    if (!std::all_of(path.begin(), path.end(), is_path_character)) {
        refuse(text, "has a character in its path that has to be written as %xx there");
    }
    if (protocol_ == Target::Protocol::telnet && !path.empty()) {
        refuse(text, "has a path, which only http and influx have");
    }
    if (without_tls(protocol_) == Target::Protocol::influx) {
        path.remove_prefix(path.empty() ? 0 : 1);
        const bool is_v2 = protocol_ == Target::Protocol::influx2 || protocol_ == Target::Protocol::influx2s;
        if (is_v2 && !has_organisation_and_bucket(path)) {
            refuse(text, "needs an organisation and a bucket, as in influx2://host:8086/ORGANISATION/BUCKET");
        }
        if (!is_v2 && !has_database(path)) {
            refuse(text, "needs the name of a database, as in influx://host:8086/metrics");
        }
    } else if (path.empty() || path == "/") {
        path = scheme->path;
    }
    path_ = path;
}

std::string Target::text() const {
    if (is_unix_socket()) {
        return base::concat(socket_prefix, path_);
    }
    const bool is_address = host_.find(':') != std::string::npos;
    std::string all =
        base::concat(scheme_of(protocol_).text, "://", is_address ? "[" : "", host_, is_address ? "]" : "");
    all.append(":").append(std::to_string(port_));
    return all.append(without_tls(protocol_) == Target::Protocol::influx ? "/" : "").append(path_);
}

Targets::Targets(std::initializer_list<std::string_view> targets)
    : Targets{std::vector<Target>(targets.begin(), targets.end())} {}

Targets::Targets(std::vector<Target> targets) : targets_{std::move(targets)} {
    if (targets_.empty()) {
        throw UsageError{"no target is given; one looks like host:4242"};
    }
    for (const Target& target : targets_) {
        if (without_tls(target.protocol()) != protocol()) {
            throw UsageError{base::concat("the targets ", targets_.front().text(), " and ", target.text(),
                                          " speak different protocols; one queue is pushed by one protocol")};
        }
    }
}

Target::Protocol Targets::protocol() const noexcept { return without_tls(targets_.front().protocol()); }

} // namespace tickertape
