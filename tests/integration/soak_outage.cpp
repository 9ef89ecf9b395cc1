// SPDX-License-Identifier: MIT
// All collectors report each second to a VictoriaMetrics, which is away for a third of the time: scripts/check soak.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/real_servers.hpp"
#include "support/soak.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

template <class Number>
Number number_in(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    REQUIRE(error == std::errc{});
    return number;
}

/// The points of one collector on a server.
struct Stored {
    std::size_t series = 0;
    std::size_t points = 0;
    std::size_t missing = 0; ///< between the first and the last point of each series
    std::size_t twice = 0;
    std::int64_t first = 0; ///< in seconds, for any series
    std::int64_t last = 0;
    std::string example{}; ///< a series with a missing second
};

/// Adds a line of /api/v1/export, `{"metric":{…},"values":[…],"timestamps":[…]}`: a series, or a part of one.
void add_times(std::map<std::string, std::vector<std::int64_t>, std::less<>>& series, std::string_view line) {
    constexpr std::string_view before = "\"timestamps\":[";
    std::string_view list = line.substr(line.find(before) + before.size());
    list = list.substr(0, list.find(']'));
    std::vector<std::int64_t>& times = series[std::string{line.substr(0, line.find("},") + 1)}];
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        times.push_back(number_in<std::int64_t>(list.substr(0, end)) / 1000);
        list.remove_prefix(std::min(end + 1, list.size()));
    }
}

/// A second, except for tables that a collector reads less often.
std::int64_t step_of(const std::vector<std::int64_t>& times) {
    std::int64_t step = std::max<std::int64_t>(times.back() - times.front(), 1);
    for (std::size_t i = 1; i < times.size(); ++i) {
        step = std::min(step, times[i] - times[i - 1]);
    }
    return step;
}

Stored stored_of(const test::RealServer& server, const std::string& name) {
    const std::string answer = server.query("GET /api/v1/export?match%5B%5D=%7Bsoak%3D%22" + name + "%22%7D");
    std::map<std::string, std::vector<std::int64_t>, std::less<>> series;
    for (std::size_t at = 0; at < answer.size();) {
        const std::size_t end = std::min(answer.find('\n', at), answer.size());
        if (end > at) {
            add_times(series, std::string_view{answer}.substr(at, end - at));
        }
        at = end + 1;
    }
    Stored stored{.series = series.size()};
    for (auto& [text, times] : series) {
        std::sort(times.begin(), times.end());
        const std::size_t all = times.size();
        times.erase(std::unique(times.begin(), times.end()), times.end());
        const std::size_t missing =
            static_cast<std::size_t>((times.back() - times.front()) / step_of(times) + 1) - times.size();
        stored.twice += all - times.size();
        stored.points += times.size();
        stored.missing += missing;
        stored.first = stored.first == 0 ? times.front() : std::min(stored.first, times.front());
        stored.last = std::max(stored.last, times.back());
        stored.example = missing > 0 ? text : stored.example;
    }
    return stored;
}

struct Reporter {
    std::string name;
    test::Process collector;
    std::optional<test::Process> push{}; // at the other end of its pipe
};

/// A collector that reports each second, tagged with its name.
std::vector<std::string> words_of(const std::string& name, const std::filesystem::path& log) {
    std::vector<std::string> words{"--interval", "1", "--granularity", "1",           "--timespan", "1",
                                   "--dedup",    "0", "--tag",         "soak=" + name};
    if (name == "authfailures") {
        words.insert(words.end(), {"--file", log.string()});
    }
    return words;
}

std::vector<Reporter> start_all(const std::string& target, const test::TemporaryDirectory& directory) {
    const std::vector<std::string> pushing{"authfailures", "cgroup",   "dfstat",       "diskburst", "kernel",
                                           "netburst",     "netlinks", "numprocesses", "pressure",  "procnettcp",
                                           "procstats",    "sarcpu",   "uptime"};
    const std::vector<std::string> piped{"ifstat", "iostat", "netfilter", "netstat"};
    const auto log = directory.path() / "auth.log";
    std::vector<Reporter> all;
    for (const std::string& name : pushing) {
        test::Command command{.program = test::collector(name), .arguments = words_of(name, log)};
        command.arguments.insert(command.arguments.end(), {"--tsd", target});
        command.out = command.err = directory.path() / (name + ".log");
        all.push_back({name, test::Process{command}});
    }
    for (const std::string& name : piped) {
        const auto log_of_both = directory.path() / (name + ".log");
        test::Process push{{.program = test::collector("tickertape"),
                            .arguments = {"push", "--deadline", "0", target},
                            .in = test::Pipe{},
                            .out = log_of_both,
                            .err = log_of_both}};
        test::Process collector{{.program = test::collector(name),
                                 .arguments = words_of(name, log),
                                 .out = push.in.fd(),
                                 .err = log_of_both}};
        push.in.close();
        all.push_back({name, std::move(collector), std::move(push)});
    }
    return all;
}

} // namespace

TEST_CASE("a soak: no second of 17 collectors is missing after an outage of VictoriaMetrics", "[.soak]") {
    const seconds length = test::soak_length(900s);
    const test::TemporaryDirectory directory;
    directory.write("auth.log", "");
    test::RealVictoriaMetrics server;
    std::vector<Reporter> reporters = start_all(server.http(), directory);
    std::this_thread::sleep_for(length / 3);
    server.stop();
    std::this_thread::sleep_for(length / 3);
    server.start();
    std::this_thread::sleep_for(length / 3);
    for (const Reporter& reporter : reporters) {
        reporter.collector.signal(SIGTERM);
    }
    for (Reporter& reporter : reporters) {
        INFO(reporter.name);
        CHECK(reporter.collector.wait(60s) == test::exit_0);
        CHECK((!reporter.push || reporter.push->wait(60s) == test::exit_0));
    }
    static_cast<void>(server.query("GET /internal/force_flush"));
    std::cout << "collector      way   series  points  seconds  missing  twice\n";
    for (const Reporter& reporter : reporters) {
        const Stored stored = stored_of(server, reporter.name);
        const std::int64_t covered = stored.last - stored.first + 1;
        std::string row = reporter.name;
        row.resize(15, ' ');
        row += reporter.push ? "pipe " : "http ";
        for (const auto& [number, width] : {std::pair{stored.series, 7},
                                            {stored.points, 8},
                                            {static_cast<std::size_t>(covered), 9},
                                            {stored.missing, 9},
                                            {stored.twice, 7}}) {
            const std::string text = std::to_string(number);
            row.append(static_cast<std::size_t>(width) - std::min(text.size(), static_cast<std::size_t>(width)), ' ');
            row += text;
        }
        std::cout << row << std::endl; // NOLINT(performance-avoid-endl): so that a table that breaks off is seen
        INFO(reporter.name << ": " << stored.example << "\n"
                           << test::contents_of(directory.path() / (reporter.name + ".log")));
        CHECK(stored.series > 0);
        CHECK(stored.missing == 0);
        CHECK(covered >= length.count() - 10);
    }
}
