// SPDX-License-Identifier: MIT
#include "support/real_servers.hpp"

#include <unistd.h>

#include <charconv>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <utility>

#include "support/free_port.hpp"
#include "support/peer.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto patience = 60s;
constexpr int nobody = 65534;

/// Calls `done` repeatedly. Returns whether it returned true in time.
template <class Done>
bool wait_until(Done done, std::chrono::nanoseconds within = patience) {
    const auto deadline = steady_clock::now() + within;
    while (!done()) {
        if (steady_clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

/// Returns the part of `text` from `at` up to `end`, and moves `at` past `end`.
std::string_view next_word(std::string_view text, std::size_t& at, std::string_view end) {
    const std::size_t found = text.find(end, at);
    if (found == std::string_view::npos) {
        throw std::runtime_error{"a server's answer is cut off: " + std::string{text.substr(0, 200)}};
    }
    const std::string_view word = text.substr(at, found - at);
    at = found + end.size();
    return word;
}

template <class Number>
Number to_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::runtime_error{"a server's answer has no number: " + std::string{text}};
    }
    return number;
}

/// Returns the numbers of `1,2,3`.
std::vector<double> numbers_of(std::string_view list) {
    std::vector<double> numbers;
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t end = std::min(list.find(',', at), list.size());
        numbers.push_back(to_number<double>(list.substr(at, end - at)));
        at = end + 1;
    }
    return numbers;
}

} // namespace

RealServer::RealServer(std::string_view program) : program_{"/usr/bin"} {
    program_ /= program;
    if (access(program_.c_str(), X_OK) != 0) {
        throw std::runtime_error{"there is no " + program_.string() + "; scripts/setup --tests installs it"};
    }
    std::filesystem::create_directory(home());
    if (geteuid() == 0 && chown(home().c_str(), nobody, nobody) != 0) {
        throw std::runtime_error{"cannot give " + home().string() + " to nobody"};
    }
}

void RealServer::choose_ports() {
    put_port_ = free_port();
    do {
        query_port_ = free_port();
    } while (query_port_ == put_port_);
    do {
        other_port_ = free_port();
    } while (other_port_ == put_port_ || other_port_ == query_port_);
}

void RealServer::start() {
    const bool is_new = put_port_ == 0;
    for (int attempt = 0; attempt < 10; ++attempt) { // another program may take a port first
        if (is_new) {
            choose_ports();
        }
        if (try_to_start()) {
            return;
        }
    }
    fail("does not start");
}

bool RealServer::try_to_start() {
    std::vector<std::string> words{"--pdeathsig", "KILL"};
    if (geteuid() == 0) {
        const std::string id = std::to_string(nobody);
        words.insert(words.end(), {"--reuid", id, "--regid", id, "--clear-groups"});
    }
    words.push_back(program_.string());
    for (std::string& word : arguments()) {
        words.push_back(std::move(word));
    }
    process_.emplace(Command{.program = "/usr/bin/setpriv",
                             .arguments = std::move(words),
                             .out = home() / "log",
                             .err = home() / "log",
                             .environment = {{"HOME", home().string()}},
                             .directory = home()});
    bool has_ended = false;
    if (!wait_until([&] { return (has_ended = process_->wait(0ms).has_value()) || is_ready(); })) {
        fail("does not get ready");
    }
    if (has_ended) {
        process_.reset();
    }
    return !has_ended;
}

void RealServer::end(int signal) {
    process_->signal(signal);
    process_->signal(SIGCONT);
    if (!process_->wait(patience)) {
        fail("does not end");
    }
    process_.reset();
}

void RealServer::stop() { end(SIGTERM); }

void RealServer::kill() { end(SIGKILL); }

void RealServer::freeze() {
    process_->signal(SIGSTOP);
    if (!wait_until([this] { return process_->state() == 'T'; })) {
        fail("does not stand still");
    }
}

void RealServer::thaw() { process_->signal(SIGCONT); }

std::optional<std::string> RealServer::try_to_ask(std::string_view request) const {
    const Peer peer{query_port_};
    if (!peer.connected()) {
        return std::nullopt;
    }
    // HTTP 1.0: the answer comes in one piece, and the connection ends after it.
    peer.say(std::string{request} + " HTTP/1.0\r\nHost: localhost\r\nAccept: application/csv\r\n\r\n");
    std::string answer = peer.rest();
    const std::size_t head_end = answer.find("\r\n\r\n");
    if (head_end == std::string::npos || answer.find(" 2") != answer.find(' ')) {
        return std::nullopt;
    }
    answer.erase(0, head_end + 4);
    return answer;
}

std::string RealServer::ask(std::string_view request) const {
    std::optional<std::string> answer = try_to_ask(request);
    if (!answer) {
        fail("does not answer " + std::string{request});
    }
    return std::move(*answer);
}

void RealServer::fail(const std::string& what) const {
    const std::string log = contents_of(home() / "log");
    throw std::runtime_error{program_.string() + " " + what +
                             "; it says: " + log.substr(log.size() - std::min<std::size_t>(log.size(), 2000))};
}

std::vector<std::string> RealVictoriaMetrics::arguments() {
    const auto at = [](std::uint16_t port) { return "=127.0.0.1:" + std::to_string(port); };
    std::vector<std::string> all{"-storageDataPath=" + (home() / "data").string(), "-httpListenAddr" + at(query_port()),
                                 "-opentsdbListenAddr" + at(put_port()), "-retentionPeriod=" + retention_,
                                 "-memory.allowedBytes=256MB"};
    all.insert(all.end(), more_arguments_.begin(), more_arguments_.end());
    return all;
}

bool RealVictoriaMetrics::is_ready() const { return try_to_ask("GET /health").has_value(); }

void RealVictoriaMetrics::save() {
    if (ask("GET /snapshot/create").find("\"ok\"") == std::string::npos) {
        fail("does not make a snapshot");
    }
}

std::vector<StoredPoint> RealVictoriaMetrics::points(std::string_view metric, std::size_t at_least) {
    const std::string path =
        "GET /api/v1/export?match[]=%7B__name__=%22" + std::string{metric} + "%22%7D&start=1&end=4000000000";
    std::vector<StoredPoint> points;
    const auto look = [&] {
        static_cast<void>(ask("GET /internal/force_flush"));
        points.clear();
        const std::string answer = ask(path);
        for (std::size_t at = 0; at < answer.size();) { // {"metric":{…},"values":[…],"timestamps":[…]}
            const std::string_view line = next_word(answer, at, "\n");
            std::size_t in_line = line.find("\"cpu\":\"") + 7;
            const std::string series{next_word(line, in_line, "\"")};
            static_cast<void>(next_word(line, in_line, "\"values\":["));
            const auto values = numbers_of(next_word(line, in_line, "]"));
            static_cast<void>(next_word(line, in_line, "\"timestamps\":["));
            const auto times = numbers_of(next_word(line, in_line, "]"));
            for (std::size_t i = 0; i < values.size(); ++i) {
                points.push_back(
                    {series, static_cast<std::int64_t>(times.at(i)), static_cast<std::uint64_t>(values[i])});
            }
        }
        return points.size() >= at_least;
    };
    wait_until(look, 10s);
    return points;
}

std::vector<std::string> RealInfluxDb::arguments() {
    const auto at = [](std::uint16_t port) { return "\"127.0.0.1:" + std::to_string(port) + "\"\n"; };
    const auto folder = [this](const char* name) { return "\"" + (home() / name).string() + "\"\n"; };
    std::ofstream{home() / "influx.conf"}
        << "reporting-disabled = true\nbind-address = " << at(other_port())                                //
        << "[meta]\ndir = " << folder("meta")                                                              //
        << "[data]\ndir = " << folder("data") << "wal-dir = " << folder("wal")                             //
        << "[monitor]\nstore-enabled = false\n"                                                            //
        << "[http]\nenabled = true\nlog-enabled = false\nbind-address = " << at(query_port())              //
        << "[[opentsdb]]\nenabled = true\ndatabase = \"opentsdb\"\nbatch-size = 1000\nbatch-pending = 5\n" //
        << "batch-timeout = \"100ms\"\nbind-address = " << at(put_port());
    return {"run", "-config", (home() / "influx.conf").string()};
}

// The server creates the database when the first point comes by telnet. Until then it refuses points by HTTP.
bool RealInfluxDb::is_ready() const {
    return try_to_ask("POST /query?q=create%20database%20opentsdb").has_value() && Peer{put_port()}.connected();
}

std::vector<StoredPoint> RealInfluxDb::points(std::string_view metric, std::size_t at_least) {
    const std::string from = "%20from%20%22" + std::string{metric} + "%22";
    wait_until(
        [&] { // name,tags,time,count
            const std::string answer = ask("GET /query?db=opentsdb&epoch=ms&q=select%20count(value)" + from);
            std::size_t at = answer.find('\n');
            at = at == std::string::npos ? at : answer.rfind(',');
            return at != std::string::npos &&
                   to_number<std::uint64_t>(std::string_view{answer}.substr(at + 1, answer.size() - at - 2)) >=
                       at_least;
        },
        10s);
    const std::string answer = ask("GET /query?db=opentsdb&epoch=ms&chunked=true&q=select%20cpu,value" + from);
    std::vector<StoredPoint> points;
    for (std::size_t at = 0; at < answer.size();) { // name,tags,time,cpu,value
        const std::string_view line = next_word(answer, at, "\n");
        if (line.empty() || line.starts_with("name,")) {
            continue;
        }
        std::size_t in_line = 0;
        static_cast<void>(next_word(line, in_line, ","));
        static_cast<void>(next_word(line, in_line, ","));
        const auto ms = to_number<std::int64_t>(next_word(line, in_line, ","));
        const std::string series{next_word(line, in_line, ",")};
        points.push_back({series, ms, to_number<std::uint64_t>(line.substr(in_line))});
    }
    return points;
}

} // namespace test
