// SPDX-License-Identifier: MIT
// A real collector that reports readings: its lines, its messages, its end.
#include <csignal>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/line_sums.hpp"
#include "support/process.hpp"

using namespace std::chrono_literals;
using test::Ended;
using test::exit_0;

namespace {

constexpr std::chrono::milliseconds at_some_time = 20s;

test::Result reads(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) {
    arguments.insert(arguments.end(), {"--hostname", "h"});
    return test::run(
        {.program = test::test_program("reads"), .arguments = arguments, .environment = std::move(environment)});
}

} // namespace

TEST_CASE("With --once a collector of readings prints one sample at once") {
    const test::Result result = reads({"--once", "--now", "1700000000", "--tag", "zone=b"});
    CHECK(result.ended == exit_0);
    CHECK(result.out == "put test.run 1700000000 1 host=h kind=count zone=b\n"
                        "put test.half 1700000000 0.5 host=h zone=b\n");
    CHECK(result.err == "run\n");
}

TEST_CASE("With --now and --for a collector of readings runs at each due time") {
    const test::Result result =
        reads({"--now", "1700000000", "--for", "1", "--interval", "500ms", "--format", "tcollector"});
    CHECK(result.ended == exit_0);
    CHECK(result.out == "test.run 1700000000000 1 kind=count\ntest.half 1700000000000 0.5\n"
                        "test.run 1700000000500 2 kind=count\ntest.half 1700000000500 0.5\n"
                        "test.run 1700000001000 3 kind=count\ntest.half 1700000001000 0.5\n");
}

TEST_CASE("With --once a collector of differences that reports readings runs twice, and prints the second run") {
    for (const bool at_a_set_time : {true, false}) {
        CAPTURE(at_a_set_time);
        std::vector<std::string> arguments{"--once"};
        if (at_a_set_time) {
            arguments.insert(arguments.end(), {"--now", "1700000000"});
        }
        const std::uint64_t before = test::now_in_seconds();
        const test::Result result = reads(arguments, {{"DIFFERENCES", "1"}});
        CHECK(result.ended == exit_0);
        CHECK(result.err == "run\nrun\n");
        const auto points = test::points_in(result.out, true);
        REQUIRE(points.contains("test.run host=h kind=count"));
        CHECK(points.at("test.run host=h kind=count").values == std::vector<double>{2});
        if (!at_a_set_time) {
            CHECK(*test::last_stamp(points) > before - 1);
            CHECK(test::now_in_seconds() > before); // it waited for the interval
        }
    }
}

TEST_CASE("Readings that do not change are held back as counters' are") {
    const test::Result result = reads({"--now", "1700000000", "--for", "5", "--format", "tcollector"});
    const auto points = test::points_in(result.out, false);
    CHECK(points.at("test.run kind=count").stamps.size() == 6);
    CHECK(points.at("test.half").stamps == std::vector<std::uint64_t>{1'700'000'000, 1'700'000'005});
    const auto all = test::points_in(
        reads({"--now", "1700000000", "--for", "5", "--format", "tcollector", "--dedup", "0"}).out, false);
    CHECK(all.at("test.half").stamps.size() == 6);
}

TEST_CASE("An illegal name drops only its reading, and is reported once") {
    const test::Result result = reads({"--now", "1700000000", "--for", "2", "--what", "bad names"});
    CHECK(result.ended == exit_0);
    CHECK(test::points_in(result.out, true).size() == 2);
    CHECK(result.err == "tickertape: reading 'test.bad': left out: the name 'my disk' has the illegal character "
                        "' ' at position 3; letters, digits and - _ . / are allowed\nrun\nrun\nrun\n");
}

TEST_CASE("The flag --tag with the key of a reading is a wrong command line") {
    const test::Result result = reads({"--once", "--tag", "kind=mine"});
    CHECK(result.ended == Ended{.code = 2});
    CHECK(result.out.empty());
    CHECK(result.err == "reads: --tag: 'kind=mine' sets a key that the reading 'test.run' sets itself\n");
}

TEST_CASE("An exception ends a collector of readings after its earlier readings are written") {
    const test::Result result = reads({"--now", "1700000000", "--what", "throw", "--format", "tcollector"});
    CHECK(result.ended == Ended{.code = 1});
    CHECK(result.out == "test.run 1700000000 1 kind=count\ntest.half 1700000000 0.5\n"
                        "test.run 1700000001 2 kind=count\ntest.half 1700000001 0.5\n");
    CHECK(result.err == "run\nreads: the disk is on fire\n");
}

TEST_CASE("TERM ends a collector of readings in good order, with all that it has read") {
    test::Process reads{
        {.program = test::test_program("reads"), .arguments = {"--interval", "50ms"}, .out = test::Pipe{}}};
    for (int i = 0; i < 5; ++i) {
        REQUIRE(reads.err.read_line(at_some_time) == "run");
    }
    reads.signal(SIGTERM);
    CHECK(reads.wait(at_some_time) == exit_0);
    const std::size_t runs = 5 + test::complete_lines(reads.err.read_to_end(at_some_time)).size();
    const auto points = test::points_in(reads.out.read_to_end(at_some_time), true);
    REQUIRE(points.size() == 2);
    for (const auto& [series, its] : points) {
        CAPTURE(series);
        CHECK(its.values.size() == runs);
        CHECK(its.stamps_increase());
    }
}

TEST_CASE("A pipe without a reader does not delay the runs, and waiting readings are written later") {
    test::Process reads{{.program = test::test_program("reads"),
                         .arguments = {"--interval", "50ms", "--what", "many"},
                         .out = test::Pipe{4096}}};
    for (int i = 0; i < 10; ++i) {
        REQUIRE(reads.err.read_line(at_some_time) == "run"); // each is larger than the pipe
    }
    reads.signal(SIGTERM);
    const auto points = test::points_in(reads.out.read_to_end(at_some_time), true);
    CHECK(reads.wait(at_some_time) == exit_0);
    const std::size_t runs = 10 + test::complete_lines(reads.err.read_to_end(at_some_time)).size();
    CHECK(points.size() == 302);
    for (const auto& [series, its] : points) {
        CAPTURE(series);
        CHECK(its.values.size() == runs);
        CHECK(its.stamps_increase());
    }
}

TEST_CASE("Under tcollector a collector of readings ends, to be restarted, when the clock was set back by minutes") {
    const std::vector<std::string> arguments{"--now", "1700000000", "--for", "5", "--what", "step back", "--format"};
    auto as = [&](const std::string& form) {
        std::vector<std::string> all = arguments;
        all.push_back(form);
        return reads(all);
    };
    const test::Result under_tcollector = as("tcollector");
    CHECK(under_tcollector.ended == exit_0);
    CHECK(under_tcollector.err == "run\nrun\nrun\n");
    CHECK(under_tcollector.out == "test.run 1700000000 1 kind=count\ntest.half 1700000000 0.5\n"
                                  "test.run 1700000001 2 kind=count\ntest.run 1699999882 3 kind=count\n"
                                  "test.half 1700000001 0.5\ntest.half 1699999882 0.5\n");
    const test::Result elsewhere = as("put");
    CHECK(elsewhere.ended == exit_0);
    CHECK(elsewhere.err == "run\nrun\nrun\nrun\nrun\nrun\n");
}
