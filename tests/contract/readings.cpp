// SPDX-License-Identifier: MIT
// The timestamps of readings: the due times of runs, each once, also across a restart.
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/line_sums.hpp"
#include "support/process.hpp"
#include "support/under_tcollector.hpp"

using namespace std::chrono_literals;
using test::exit_0;

namespace {

constexpr std::chrono::milliseconds at_some_time = 20s;

} // namespace

TEST_CASE("Readings carry the due times of their runs, in milliseconds if these have any, and no time comes twice") {
    const int interval = GENERATE(1000, 100, 250);
    CAPTURE(interval);
    test::Process reads{
        {.program = test::test_program("reads"),
         .arguments = {"--interval", std::to_string(interval) + "ms", "--dedup", "0", "--tag", "zone=b"}}};
    const std::uint64_t before = test::now_in_seconds();
    for (int i = 0; i < 4; ++i) {
        REQUIRE(reads.err.read_line(at_some_time) == "run");
    }
    reads.signal(SIGTERM);
    const auto points = test::points_in(reads.out.read_to_end(at_some_time), true);
    const std::uint64_t after = test::now_in_seconds();
    CHECK(reads.wait(at_some_time) == exit_0);
    REQUIRE(points.size() == 2);
    const auto unit = static_cast<std::uint64_t>(interval == 1000 ? 1 : 1000);
    const auto step = static_cast<std::uint64_t>(interval) * unit / 1000;
    for (const auto& [series, its] : points) {
        CAPTURE(series);
        CHECK(series.ends_with(" zone=b"));
        CHECK(its.stamps.size() >= 4);
        CHECK(its.stamps_increase());
        for (const std::uint64_t stamp : its.stamps) {
            CHECK(stamp % step == 0);
            CHECK(stamp >= before * unit);
            CHECK(stamp <= (after + 1) * unit);
        }
    }
    // Both series have the same runs, because the timestamp is that of the run, not of the call.
    CHECK(points.begin()->second.stamps == std::next(points.begin())->second.stamps);
}

TEST_CASE("A successor that is started at once does not write a time of its predecessor's again") {
    std::string out;
    for (int process = 0; process < 3; ++process) {
        const test::Result result = test::run({.program = test::test_program("reads"),
                                               .arguments = {"--interval", "50ms", "--dedup", "0", "--what", "stop"}});
        CHECK(result.ended == exit_0);
        out += result.out;
    }
    const auto points = test::points_in(out, true);
    REQUIRE(points.size() == 2);
    for (const auto& [series, its] : points) {
        CAPTURE(series);
        CHECK(its.stamps.size() == 6);
        CHECK(its.stamps_increase());
    }
}

TEST_CASE("Under tcollector a collector of readings writes its form, deduplicates, and reports refused readings") {
    test::UnderTcollector pair{test::test_program("reads"), {"--self-metrics", "1", "--what", "bad names"}};
    std::string out;
    for (std::string line; line.find("tickertape.readings.refused") == std::string::npos;) {
        const auto next = pair.tcollector.out.read_line(at_some_time);
        REQUIRE(next);
        line = *next;
        out += line + "\n";
    }
    for (int i = 0; i < 4; ++i) {
        const auto next = pair.tcollector.out.read_line(at_some_time);
        REQUIRE(next);
        out += *next + "\n";
    }
    pair.collector.signal(SIGTERM);
    out += pair.tcollector.out.read_to_end(at_some_time);
    const auto points = test::points_in(out, false);
    CHECK(points.contains("test.run kind=count"));
    const auto refused = points.find("tickertape.readings.refused collector=reads");
    const auto lost = points.find("tickertape.readings.lost collector=reads");
    REQUIRE(refused != points.end());
    REQUIRE(lost != points.end());
    CHECK(lost->second.sum() == 0);
    for (const auto& [series, its] : points) {
        CAPTURE(series);
        CHECK(its.stamps_increase());
    }
}
