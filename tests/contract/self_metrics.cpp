// SPDX-License-Identifier: MIT
// The self-metrics of a real collector: under tcollector by default, elsewhere on request.
#include <algorithm>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/line_sums.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/under_tcollector.hpp"

using namespace std::chrono_literals;

namespace {

const std::filesystem::path numprocesses = test::collector("numprocesses");

std::map<std::string, test::Points> own(const std::string& out, bool put) {
    auto points = test::points_in(out, put);
    std::erase_if(points, [](const auto& entry) { return !entry.first.starts_with("tickertape."); });
    return points;
}

} // namespace

TEST_CASE("Under tcollector a heartbeat comes, with the collector's name as a tag, at strictly increasing timestamps") {
    test::UnderTcollector pair{numprocesses, {"--self-metrics", "1", "--tag", "zone=b"}};
    std::string out;
    REQUIRE(test::eventually([&] { // three heartbeats
        out += pair.tcollector.out.read_line(test::at_some_time).value_or("the end") + "\n";
        const auto points = own(out, false);
        return points.size() == 10 && std::all_of(points.begin(), points.end(),
                                                  [](const auto& entry) { return entry.second.values.size() >= 3; });
    }));
    pair.collector.signal(SIGTERM);
    out += pair.tcollector.out.read_to_end(test::at_some_time);
    CHECK(pair.tcollector.err.read_to_end(test::at_some_time) == "it ended with exit code 0\n");
    const auto points = own(out, false);
    std::set<std::string> metrics;
    for (const auto& [series, its] : points) {
        CAPTURE(series);
        metrics.insert(series.substr(0, series.find(' ')));
        CHECK(series.ends_with(" collector=numprocesses zone=b"));
        CHECK(its.stamps_increase());
        if (series.starts_with("tickertape.up ")) {
            CHECK(its.values == std::vector<double>(its.values.size(), 1));
        }
        if (series.starts_with("tickertape.dropped ") || series.starts_with("tickertape.buckets.lost ")) {
            CHECK(its.sum() == 0);
        }
    }
    CHECK(metrics == std::set<std::string>{"tickertape.up", "tickertape.tick.lateness.max_ms", "tickertape.tick.missed",
                                           "tickertape.runs.missed", "tickertape.clock.steps",
                                           "tickertape.buckets.lost", "tickertape.buckets.smeared",
                                           "tickertape.rows.skipped", "tickertape.queue", "tickertape.dropped"});
}

TEST_CASE("Rows of kernel files that are left out are counted in each reading") {
    const test::TemporaryDirectory proc;
    proc.write("net/dev", "Inter-|   Receive\n face |bytes\n"
                          "  lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
                          "eth0: 1 2 x 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
    const auto points = own(test::run({.program = test::collector("ifstat"),
                                       .arguments = {"--proc-root", proc.path().string(), "--interval", "0.5", "--for",
                                                     "3.5", "--self-metrics", "1", "--dedup", "0"}})
                                .out,
                            true);
    const auto rows = std::find_if(points.begin(), points.end(), [](const auto& entry) {
        return entry.first.starts_with("tickertape.rows.skipped ");
    });
    REQUIRE(rows != points.end());
    REQUIRE(!rows->second.values.empty());
    CHECK(rows->second.values.back() >= 2); // of a row that is read twice a second
}

TEST_CASE("Elsewhere a collector reports self-metrics only on request") {
    const auto run = [](const std::vector<std::string>& arguments) {
        return own(test::run({.program = numprocesses, .arguments = arguments}).out, true);
    };
    CHECK(run({"--for", "2.5"}).empty());
    CHECK(run({"--for", "2.5", "--self-metrics", "0"}).empty());
    CHECK(run({"--for", "5", "--self-metrics", "1"}).size() == 8); // without those of tcollector's limit
    CHECK(run({"--once", "--self-metrics", "1"}).empty());
}

TEST_CASE("The flag --self-metrics 0 silences it under tcollector, too") {
    test::UnderTcollector pair{numprocesses, {"--self-metrics", "0", "--for", "2.5"}};
    CHECK(own(pair.tcollector.out.read_to_end(test::at_some_time), false).empty());
}

TEST_CASE("Tags that leave no room for the one of the heartbeat are refused at the start") {
    std::vector<std::string> arguments{"--self-metrics", "60"};
    for (const char* const tag : {"a=1", "b=1", "c=1", "d=1", "e=1", "f=1"}) {
        arguments.insert(arguments.end(), {"--tag", tag});
    }
    arguments.insert(arguments.end(), {"--tag", "g=1", "--format", "tcollector"});
    const test::Result result = test::run({.program = test::collector("uptime"), .arguments = arguments});
    CHECK(result.ended == test::Ended{.code = 2});
    CHECK(result.out.empty());
    CHECK(result.err.starts_with("uptime: --self-metrics: with the tag collector=uptime: "));
    CHECK(test::complete_lines(result.err).size() == 1);
}
