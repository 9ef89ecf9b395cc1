// SPDX-License-Identifier: MIT
// The real sarcpu, uptime and authfailures on recorded kernel files and logs.
#include <sys/stat.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/line_sums.hpp"
#include "support/process.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using Ticks = std::vector<std::uint64_t>;

const std::vector<std::string> golden_flags{"--once", "--now", "1700000000", "--hostname", "golden"};

std::string stat_text(const Ticks& ticks) {
    std::string text = "cpu ";
    for (const std::uint64_t value : ticks) {
        text += " " + std::to_string(value);
    }
    return text + "\ncpu0 1 2 3 4\nintr 5\n";
}

/// Runs sarcpu --once on two readings of /proc/stat: the file is a FIFO with two texts.
test::Result sarcpu(const std::string& first, const std::string& second, const std::vector<std::string>& more = {}) {
    const test::TemporaryDirectory proc;
    const std::filesystem::path fifo = proc.path() / "stat";
    REQUIRE(::mkfifo(fifo.c_str(), 0644) == 0);
    std::vector<std::string> arguments{"--proc-root", proc.path().string()};
    arguments.insert(arguments.end(), golden_flags.begin(), golden_flags.end());
    arguments.insert(arguments.end(), more.begin(), more.end());
    test::Process process{{.program = test::collector("sarcpu"), .arguments = arguments}};
    std::thread feeder{[&] {
        {
            std::ofstream writer{fifo}; // opening waits for the reader
            writer << first << std::flush;
            // Another FIFO gets the name before the first one is closed, which ends the first reading. So the second reading
            // cannot open the first FIFO.
            ::mkfifo((proc.path() / "next").c_str(), 0644);
            std::filesystem::rename(proc.path() / "next", fifo);
        }
        std::ofstream{fifo} << second;
    }};
    test::Result result;
    result.out = process.out.read_to_end(test::at_some_time);
    result.err = process.err.read_to_end(test::at_some_time);
    result.ended = process.wait(test::at_some_time).value();
    feeder.join();
    return result;
}

/// Returns the shares by type, in hundredths of a percent.
std::map<std::string, std::int64_t> shares(const Ticks& first, const Ticks& second) {
    const test::Result result = sarcpu(stat_text(first), stat_text(second));
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    std::map<std::string, std::int64_t> shares;
    for (const auto& [series, points] : test::points_in(result.out, true)) {
        REQUIRE(points.values.size() == 1);
        shares[series.substr(series.find("type=") + 5)] = std::llround(points.values.front() * 100);
    }
    return shares;
}

} // namespace

TEST_CASE("sarcpu prints its golden file") {
    const Ticks first{10132153, 290696, 3084719, 46828483, 16683, 0, 25195, 1752, 1000, 500};
    Ticks second = first;
    const Ticks passed{123, 7, 45, 678, 9, 1, 2, 3, 20, 5};
    for (std::size_t i = 0; i < passed.size(); ++i) {
        second[i] += passed[i];
    }
    const test::Result result = sarcpu(stat_text(first), stat_text(second));
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    test::check_golden("sarcpu/plain.golden", result.out);
    test::check_golden("sarcpu/tcollector.golden",
                       sarcpu(stat_text(first), stat_text(second), {"--format", "tcollector", "--tag", "zone=b"}).out);
}

TEST_CASE("sarcpu does not count a guest's time twice: it is not in its host's user or nice time") {
    auto of = shares({100, 50, 0, 0, 0, 0, 0, 0, 100, 50}, {150, 60, 0, 40, 0, 0, 0, 0, 140, 55});
    CHECK(of["user"] == 1000);
    CHECK(of["nice"] == 500);
    CHECK(of["guest"] == 4500);
    CHECK(of["idle"] == 4000);
    CHECK(of["system"] == 0);
}

TEST_CASE("sarcpu reads the kernels that have no guests and no steal") {
    auto of = shares({0, 0, 0, 0}, {1, 1, 1, 1});
    CHECK(of.size() == 9);
    CHECK(of["user"] == 2500);
    CHECK(of["idle"] == 2500);
    CHECK(of["guest"] == 0);
}

TEST_CASE("sarcpu counts no growth for a counter that goes back or leaps") {
    auto of = shares({10, 0, 0, 1000, 500}, {20, 0, 0, 1010, 400});
    CHECK(of["user"] == 5000);
    CHECK(of["idle"] == 5000);
    CHECK(of["iowait"] == 0);
    of = shares({10, 0, 0, 1000, 0}, {20, 0, 0, 1010, 18446744073709551615U});
    CHECK(of["user"] == 5000);
    CHECK(of["iowait"] == 0);
    of = shares({18446744073709551615U, 0, 0, 0}, {9, 0, 0, 10}); // it wraps: the growth is 10
    CHECK(of["user"] == 5000);
}

TEST_CASE("sarcpu writes nothing when no tick has passed") {
    const test::Result result = sarcpu(stat_text({1, 2, 3, 4}), stat_text({1, 2, 3, 4}));
    CHECK(result.ended == test::exit_0);
    CHECK(result.out.empty());
    CHECK(result.err.empty());
}

TEST_CASE("sarcpu's shares add up to 100 exactly, and each is off by less than a hundredth") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const std::array<std::string, 8> types{"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"};
    for (int round = 0; round < 40; ++round) {
        Ticks first(10, 1U << 20U);
        Ticks second = first;
        double all = 0;
        for (std::size_t i = 0; i < 8; ++i) {
            const std::size_t passed =
                test::up_to(random, test::once_in(random, 2) ? 3 : 140); // more than two CPUs can use
            second[i] += passed;
            all += static_cast<double>(passed);
        }
        if (all == 0) {
            continue;
        }
        auto of = shares(first, second);
        std::int64_t sum = 0;
        for (const auto& [type, share] : of) {
            sum += share;
        }
        CHECK(sum == 10'000);
        for (std::size_t i = 0; i < 8; ++i) {
            CAPTURE(types[i]);
            const double exact = static_cast<double>(second[i] - first[i]) / all * 10'000;
            CHECK(std::abs(static_cast<double>(of[types[i]]) - exact) < 1.0);
        }
    }
}

TEST_CASE("A broken /proc/stat loses sarcpu that reading, and one sentence names file, line and token") {
    const test::TemporaryDirectory proc;
    proc.write("stat", "cpu 1 2 3 x.03\n");
    const test::Result result =
        test::run({.program = test::collector("sarcpu"), .arguments = {"--once", "--proc-root", proc.path().string()}});
    CHECK(result.ended == test::exit_0);
    CHECK(result.out.empty());
    CHECK(result.err == "tickertape: " + (proc.path() / "stat").string() + ":1: field 5 'x.03' is not a number\n");
}

TEST_CASE("uptime prints its golden file") {
    std::vector<std::string> arguments{"--proc-root", test::fixture("proc/times").string()};
    arguments.insert(arguments.end(), golden_flags.begin(), golden_flags.end());
    const test::Result result = test::run({.program = test::collector("uptime"), .arguments = arguments});
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    test::check_golden("uptime/plain.golden", result.out);
}

TEST_CASE("authfailures prints its golden file for a log on standard input") {
    test::Process it{{.program = test::collector("authfailures"),
                      .arguments = {"--file", "-", "--now", "1700000000", "--hostname", "golden"},
                      .in = test::fixture("auth.log")}};
    const std::string out = it.out.read_to_end(test::at_some_time);
    CHECK(it.wait(test::at_some_time) == test::exit_0);
    test::check_golden("authfailures/plain.golden", out);
}

TEST_CASE("sarcpu agrees with sar over the same ten seconds within a percentage point", "[slow]") {
    if (std::system("command -v sar >/dev/null 2>&1") != 0) { // NOLINT(*): no input
        WARN("skipped: sysstat's sar is not installed");
        return;
    }
    test::Process sar{{.program = "/bin/sh", .arguments = {"-c", "LC_ALL=C exec sar -u ALL 10 1"}}};
    test::Process ours{{.program = test::collector("sarcpu"), .arguments = {"--once", "--interval", "10"}}};
    std::map<std::string, double> theirs;
    std::vector<std::string> names;
    for (const std::string& line : test::complete_lines(sar.out.read_to_end(test::at_some_time))) {
        std::istringstream input{line};
        std::vector<std::string> words;
        for (std::string word; input >> word;) {
            words.push_back(word);
        }
        if (words.size() > 3 && line.find("%usr") != std::string::npos) {
            names.assign(words.end() - 10, words.end());
        } else if (!words.empty() && words.front() == "Average:") {
            for (std::size_t i = 0; i < names.size(); ++i) {
                theirs[names[i]] = std::stod(words.at(words.size() - 10 + i));
            }
        }
    }
    REQUIRE(theirs.contains("%usr"));
    theirs["%guest"] += theirs["%gnice"];
    std::map<std::string, double> by_type;
    for (const auto& [series, points] : test::points_in(ours.out.read_to_end(test::at_some_time), true)) {
        by_type[series.substr(series.find("type=") + 5)] = points.values.at(0);
    }
    const std::map<std::string, std::string> same{{"%usr", "user"},      {"%nice", "nice"},   {"%sys", "system"},
                                                  {"%iowait", "iowait"}, {"%steal", "steal"}, {"%irq", "irq"},
                                                  {"%soft", "softirq"},  {"%guest", "guest"}, {"%idle", "idle"}};
    for (const auto& [name, type] : same) {
        CAPTURE(name, theirs[name], by_type[type]);
        CHECK(std::abs(theirs[name] - by_type[type]) <= 1.0);
    }
}
