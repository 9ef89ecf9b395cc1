// SPDX-License-Identifier: MIT
#include "support/victoria_metrics.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <boost/json.hpp>

#include "support/eventually.hpp"
#include "support/peer.hpp"

namespace test {

namespace {

namespace json = boost::json;

constexpr const char* program = "/usr/bin/victoria-metrics";

/// Returns a port without a listener. If another program takes it meanwhile, the server does not start, and the test reports
/// that.
std::uint16_t free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool is_bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                          ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(fd);
    if (!is_bound) {
        throw std::runtime_error{"there is no free port"};
    }
    return ntohs(address.sin_port);
}

std::string listen_at(const char* flag, std::uint16_t port) {
    return std::string{"-"} + flag + "=127.0.0.1:" + std::to_string(port);
}

} // namespace

bool VictoriaMetrics::is_installed() { return std::filesystem::exists(program); }

VictoriaMetrics::VictoriaMetrics(const std::vector<std::string>& more_arguments)
    : query_port_{free_port()}, telnet_port_{free_port()}, put_port_{free_port()} {
    // Without this it silently drops points older than a month.
    std::vector<std::string> arguments{"-storageDataPath=" + (directory_.path() / "data").string(),
                                       "-retentionPeriod=100y", listen_at("httpListenAddr", query_port_),
                                       listen_at("opentsdbListenAddr", telnet_port_),
                                       listen_at("opentsdbHTTPListenAddr", put_port_)};
    arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
    process_ = std::make_unique<Process>(Command{.program = program,
                                                 .arguments = std::move(arguments),
                                                 .out = std::filesystem::path{"/dev/null"},
                                                 .err = directory_.path() / "log",
                                                 .directory = directory_.path()});
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (!get("/health").starts_with("HTTP/1.0 200")) {
        if (process_->wait(milliseconds{0}) || std::chrono::steady_clock::now() > limit) {
            throw std::runtime_error{"VictoriaMetrics does not start:\n" + contents_of(directory_.path() / "log")};
        }
        std::this_thread::sleep_for(milliseconds{10});
    }
}

std::string VictoriaMetrics::get(std::string_view path) const {
    const Peer peer{query_port_};
    if (!peer.connected()) {
        return {};
    }
    peer.say("GET " + std::string{path} + " HTTP/1.0\r\nHost: localhost\r\n\r\n");
    return peer.rest();
}

VictoriaMetrics::Count VictoriaMetrics::count(std::string_view metric, std::size_t expected) const {
    Count count;
    static_cast<void>(
        eventually([&] { return (count = count_visible(metric)).points >= expected; }, std::chrono::minutes{1}));
    return count;
}

VictoriaMetrics::Count VictoriaMetrics::count_visible(std::string_view metric) const {
    if (get("/internal/force_flush").find(" 200 ") == std::string::npos) {
        throw std::runtime_error{"VictoriaMetrics does not flush"};
    }
    // A series may have several lines, of up to 8192 samples each.
    std::istringstream lines{get("/api/v1/export?match[]={__name__=%22" + std::string{metric} +
                                 "%22}&start=1&end=4000000000&reduce_mem_usage=1")};
    Count count;
    std::set<std::pair<std::string, std::int64_t>> seen;
    std::string line;
    while (std::getline(lines, line)) {
        if (!line.starts_with("{")) {
            continue;
        }
        const json::value block = json::parse(line);
        const std::string series = json::serialize(block.at("metric"));
        for (const json::value& timestamp : block.at("timestamps").as_array()) {
            ++count.points;
            seen.emplace(series, timestamp.as_int64());
        }
    }
    count.distinct = seen.size();
    return count;
}

double VictoriaMetrics::query(std::string_view expression, std::int64_t time) const {
    if (get("/internal/force_flush").find(" 200 ") == std::string::npos) {
        throw std::runtime_error{"VictoriaMetrics does not flush"};
    }
    std::string path{"/api/v1/query?nocache=1&time=" + std::to_string(time) + "&query="};
    for (const char c : expression) {
        path += c == '"' ? std::string{"%22"} : c == '+' ? std::string{"%2B"} : std::string(1, c);
    }
    const std::string answer = get(path);
    const json::value body = json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
    const json::array& series = body.at("data").at("result").as_array();
    if (series.size() != 1) {
        return std::nan("");
    }
    return std::stod(std::string{series.front().at("value").as_array().at(1).as_string()});
}

} // namespace test
