// SPDX-License-Identifier: MIT
#include "push/put_request.hpp"

#include <cstdint>
#include <string_view>

#include "base/concat.hpp"

namespace tickertape::push {

namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

/// Appends a name to a parameter. A name is percent-encoded already, as in a path; parameters give a meaning to a few more
/// characters.
void add_parameter(std::string& path, std::string_view name) {
    for (const char c : name) {
        switch (c) {
        case '&': path.append("%26"); break;
        case '+': path.append("%2B"); break;
        case ';': path.append("%3B"); break;
        default: path.push_back(c);
        }
    }
}

bool is_influx2(const Target& target) noexcept {
    return target.protocol() == Target::Protocol::influx2 || target.protocol() == Target::Protocol::influx2s;
}

/// Splits a path into its last part and the part before it, without the `/` between them.
std::string_view take_last(std::string_view& path) noexcept {
    const std::size_t slash = path.rfind('/');
    const std::string_view last = path.substr(slash + 1); // npos + 1 is 0
    path = path.substr(0, slash == std::string_view::npos ? 0 : slash);
    return last;
}

/// Returns the path with its parameters.
std::string path_of(const Target& target, const PutRequestOptions& options) {
    if (options.dialect == HttpDialect::opentsdb) {
        return base::concat(target.path(), options.sync ? "?sync&details" : "?details");
    }
    std::string_view prefix = target.path();
    const std::string_view name = take_last(prefix);
    const std::string_view organisation = is_influx2(target) ? take_last(prefix) : std::string_view{};
    std::string path;
    path.append(prefix.empty() ? "" : "/").append(prefix);
    if (is_influx2(target)) {
        path.append("/api/v2/write?precision=ns&org=");
        add_parameter(path, organisation);
        path.append("&bucket=");
        add_parameter(path, name);
        return path;
    }
    const std::size_t colon = name.find(':');
    path.append("/write?precision=ns&db=");
    add_parameter(path, name.substr(0, colon));
    if (colon != std::string_view::npos) {
        path.append("&rp=");
        add_parameter(path, name.substr(colon + 1));
    }
    return path;
}

/// InfluxDB 2 uses this word for a token.
std::string authorization(const Target& target, const Credentials& credentials) {
    constexpr std::string_view bearer = "Bearer ";
    const std::string& header = credentials.header();
    return is_influx2(target) && header.starts_with(bearer) ? base::concat("Token ", header.substr(bearer.size()))
                                                            : header;
}

/// Returns `POST PATH HTTP/1.1` and the fields that all requests have.
std::string begin_of(std::string_view method, std::string_view path, const Target& target,
                     const Credentials& credentials) {
    const bool is_address = target.host().find(':') != std::string::npos;
    // A zone, as in fe80::1%eth0, has a meaning only on this machine.
    const std::string host = is_address ? target.host().substr(0, target.host().find('%')) : target.host();
    std::string head = base::concat(method, " ", path, " HTTP/1.1\r\nHost: ");
    head.append(is_address ? "[" : "").append(host).append(is_address ? "]" : "");
    if (target.port() != (target.protocol() == Target::Protocol::https ? https_port : http_port)) {
        head.append(":").append(std::to_string(target.port()));
    }
    head.append("\r\nUser-Agent: tickertape/" TICKERTAPE_VERSION "\r\nAccept: application/json\r\n");
    if (!credentials.empty()) {
        head.append("Authorization: ").append(authorization(target, credentials)).append("\r\n");
    }
    return head;
}

} // namespace

std::string put_request_head(const Target& target, const PutRequestOptions& options) {
    std::string head = begin_of("POST", path_of(target, options), target, options.credentials);
    head.append(options.dialect == HttpDialect::influx ? "Content-Type: text/plain; charset=utf-8\r\n"
                                                       : "Content-Type: application/json\r\n");
    head.append(options.gzip ? "Content-Encoding: gzip\r\n" : "");
    return head.append("Content-Length: ");
}

std::string version_request(const Target& target, const Credentials& credentials) {
    constexpr std::string_view put = "/put";
    std::string path{target.path()};
    if (!path.ends_with(put)) {
        return {};
    }
    path.replace(path.size() - put.size(), put.size(), "/version");
    return begin_of("GET", path, target, credentials).append("\r\n");
}

base::PageString put_request(std::string_view head, std::string_view body) {
    const std::string length = std::to_string(body.size());
    base::PageString request;
    request.reserve(head.size() + length.size() + 4 + body.size());
    return request.append(head).append(length).append("\r\n\r\n").append(body);
}

} // namespace tickertape::push
