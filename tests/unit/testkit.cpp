// SPDX-License-Identifier: MIT
#include <tickertape/testkit/fixture_root.hpp>
#include <tickertape/testkit/lines.hpp>
#include <tickertape/testkit/runs.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tickertape::describe;
using tickertape::MetricCounter;
using tickertape::Point;
using tickertape::Reason;
using tickertape::Series;
using tickertape::stock;
using tickertape::UsageError;
using tickertape::WallTime;
namespace testkit = tickertape::testkit;

namespace {

std::string content(const std::filesystem::path& file) {
    std::ifstream input{file};
    return {std::istreambuf_iterator<char>{input}, {}};
}

} // namespace

TEST_CASE("A fixture root holds the files given to it, and those written later, until it ends") {
    std::filesystem::path path;
    {
        testkit::FixtureRoot root{{"loadavg", "0.25\n"}, {"net/dev", "eth0: 1\n"}};
        path = root.path();
        CHECK(content(path / "loadavg") == "0.25\n");
        CHECK(content(path / "net/dev") == "eth0: 1\n");
        root.write("loadavg", "1\n");
        root.write("12/stat", "12 (a) S\n");
        CHECK(content(path / "loadavg") == "1\n");
        CHECK(content(path / "12/stat") == "12 (a) S\n");
        root.remove("net");
        root.remove("never/there");
        CHECK_FALSE(std::filesystem::exists(path / "net"));
    }
    CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("A fixture root writes and removes nothing outside of itself") {
    testkit::FixtureRoot root;
    for (const char* file : {"../outside", "/tmp/outside", "a/../../outside", "", "."}) {
        INFO(file);
        CHECK_THROWS_AS(root.write(file, ""), UsageError);
        CHECK_THROWS_AS(root.remove(file), UsageError);
    }
    CHECK(std::filesystem::is_empty(root.path()));
    CHECK_THROWS_WITH(root.write("../outside", ""),
                      "a fixture's path is relative and stays below its root; '../outside' does not");
    CHECK_THROWS_AS((testkit::FixtureRoot{{"a", ""}, {"a/b", ""}}), std::filesystem::filesystem_error);
}

TEST_CASE("run_times runs at the due times of a collector, and goes on where it stopped") {
    testkit::ManualClock clock{WallTime{1'700'000'000'300ms}};
    MetricCounter<stock> load{"testkit.load", {.clock = &clock}};
    double reading = 0;
    const auto run = [&] { load.set(++reading); };
    testkit::run_times(clock, 1s, 0, run);
    testkit::run_times(clock, 1s, 2, run);
    testkit::run_times(clock, 1s, 1, run);
    CHECK(testkit::lines(load) == "testkit.load 1700000001 1\ntestkit.load 1700000002 2\n");
    clock.advance(1s);
    CHECK(testkit::lines(load) == "testkit.load 1700000003 3\n");
    CHECK(testkit::lines(load).empty());
}

TEST_CASE("An exception of a run passes through run_times") {
    testkit::ManualClock clock;
    int runs = 0;
    CHECK_THROWS_AS(testkit::run_times(clock, 1s, 3,
                                       [&] {
                                           ++runs;
                                           throw std::runtime_error{"gone"};
                                       }),
                    std::runtime_error);
    CHECK(runs == 1);
    CHECK_THROWS_AS(testkit::run_times(clock, 0s, 1, [] {}), UsageError);
}

TEST_CASE("A point that has no line is named with the reason") {
    const Point ancient{Series{"testkit.ancient"}, WallTime{1s}, 1};
    const std::string reason{describe(Reason::bad_time)};
    CHECK(testkit::lines(std::span{&ancient, 1}) == "testkit.ancient: " + reason + "\n");
}
