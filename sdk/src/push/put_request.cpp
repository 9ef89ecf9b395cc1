// SPDX-License-Identifier: MIT
#include "push/put_request.hpp"

#include <cstdint>
#include <string_view>

namespace tickertape::push {

namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

/// The path with its parameters. A database's name is percent-encoded already as a part of a path is; in a parameter a few
/// more characters mean something.
std::string path_of(const Target& target, const PutRequestOptions& options) {
    if (options.dialect == HttpDialect::opentsdb) {
        return std::string{target.path()}.append(options.sync ? "?sync&details" : "?details");
    }
    std::string path{"/write?precision=ns&db="};
    for (const char c : target.path()) {
        switch (c) {
        case '&': path.append("%26"); break;
        case '+': path.append("%2B"); break;
        case ';': path.append("%3B"); break;
        default: path.push_back(c);
        }
    }
    return path;
}

} // namespace

std::string put_request_head(const Target& target, const PutRequestOptions& options) {
    const bool is_address = target.host().find(':') != std::string::npos;
    // A zone, as in fe80::1%eth0, means something on this machine only.
    const std::string host = is_address ? target.host().substr(0, target.host().find('%')) : target.host();
    std::string head{"POST "};
    head.append(path_of(target, options)).append(" HTTP/1.1\r\nHost: ");
    head.append(is_address ? "[" : "").append(host).append(is_address ? "]" : "");
    if (target.port() != (target.protocol() == Protocol::https ? https_port : http_port)) {
        head.append(":").append(std::to_string(target.port()));
    }
    head.append("\r\nUser-Agent: tickertape/" TICKERTAPE_VERSION "\r\nAccept: application/json\r\n");
    head.append(options.dialect == HttpDialect::influx ? "Content-Type: text/plain; charset=utf-8\r\n"
                                                       : "Content-Type: application/json\r\n");
    head.append(options.gzip ? "Content-Encoding: gzip\r\n" : "");
    if (!options.credentials.empty()) {
        head.append("Authorization: ").append(options.credentials.header()).append("\r\n");
    }
    return head.append("Content-Length: ");
}

std::string put_request(const std::string& head, const std::string& body) {
    const std::string length = std::to_string(body.size());
    std::string request;
    request.reserve(head.size() + length.size() + 4 + body.size());
    return request.append(head).append(length).append("\r\n\r\n").append(body);
}

} // namespace tickertape::push
