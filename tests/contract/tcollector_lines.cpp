// SPDX-License-Identifier: MIT
// tcollector's rules for the lines of a collector, checked on the real numprocesses.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/fair_time.hpp"
#include "support/line_sums.hpp"
#include "support/process.hpp"
#include "support/tcollector_model.hpp"
#include "support/under_tcollector.hpp"

using namespace std::chrono_literals;
using test::at_some_time;
using test::exit_0;

namespace {

/// tcollector's patience, which is also our promise.
constexpr std::chrono::milliseconds promised = 5s;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' ||
               c == '/';
    });
}

/// Returns why tcollector, or a TSD behind it, would refuse `line`; empty if both accept it. tcollector's own rule: a name, a
/// timestamp of at least two digits, a number for Python, tags. Additional rules for safety: one blank between words, whole
/// seconds or milliseconds, one text for each number, sorted tags, at most seven.
std::string objection(const std::string& line) {
    if (line.size() > 900) {
        return "too long once a host tag is added";
    }
    std::vector<std::string> words;
    std::istringstream input{line};
    for (std::string word; std::getline(input, word, ' ');) {
        words.push_back(word);
    }
    if (words.size() < 3 || line.ends_with(' ')) {
        return "too few words, or a blank at the end";
    }
    if (!is_name(words[0]) || words[0] == "put") {
        return "the metric";
    }
    const std::string& stamp = words[1];
    if (!std::all_of(stamp.begin(), stamp.end(), is_digit) || (stamp.size() != 10 && stamp.size() != 13)) {
        return "the stamp";
    }
    const std::string& value = words[2];
    char* end = nullptr;
    const double number = std::strtod(value.c_str(), &end);
    std::array<char, 64> text{};
    std::string canonical;
    if (number == static_cast<double>(static_cast<long long>(number)) && std::abs(number) < 9007199254740992.0) {
        canonical = std::to_string(static_cast<long long>(number));
    } else {
        canonical.assign(text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr);
    }
    if (*end != '\0' || !std::isfinite(number) || value != canonical) {
        return "the value, which should be " + canonical;
    }
    std::vector<std::string> keys;
    for (std::size_t i = 3; i < words.size(); ++i) {
        const std::size_t equals = words[i].find('=');
        if (equals == std::string::npos || !is_name(std::string_view{words[i]}.substr(0, equals)) ||
            !is_name(std::string_view{words[i]}.substr(equals + 1))) {
            return "a tag";
        }
        keys.push_back(words[i].substr(0, equals));
    }
    if (!std::is_sorted(keys.begin(), keys.end()) || std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
        return "the order of the tags";
    }
    if (keys.size() > 7) {
        return "too many tags";
    }
    if (std::find(keys.begin(), keys.end(), "host") != keys.end()) {
        return "a host tag, which tcollector adds";
    }
    return {};
}

/// Checks all lines, and that tcollector drops none of them.
void check_lines(const std::string& out) {
    test::TcollectorModel model;
    for (const std::string& line : test::complete_lines(out)) {
        INFO(line);
        CHECK(objection(line).empty());
        model.process_line(line);
    }
    CHECK(model.invalid() == 0);
    for (const auto& [series, points] : test::points_in(out, false)) {
        CAPTURE(series);
        CHECK(points.stamps_increase());
    }
}

/// Ten minutes of numprocesses, in simulated time.
test::Result ten_minutes(std::vector<std::string> arguments) {
    for (const char* const word : {"--format", "tcollector", "--now", "1700000000", "--for", "600"}) {
        arguments.emplace_back(word);
    }
    return test::run({.program = test::collector("numprocesses"), .arguments = arguments});
}

} // namespace

TEST_CASE("The check of lines objects to lines that tcollector would not forward unchanged") {
    CHECK(objection("m 1700000000 1").empty());
    CHECK(objection("a-b_c./d 1700000000123 -0.5 k=v x=y").empty());
    for (const char* const line : {"put m 1700000000 1",
                                   "m 1700000000 1 ",
                                   "m  1700000000 1",
                                   "m 1700000000.5 1",
                                   "m 1700000000 1.0",
                                   "m 1700000000 -0",
                                   "m 1700000000 nan",
                                   "m 1700000000 1 k=",
                                   "m 1700000000 1 k=a:b",
                                   "m 1700000000 1 k=v k=v",
                                   "m 1700000000 1 z=v a=v",
                                   "m 1700000000 1 host=x",
                                   "m 170000000 1",
                                   "m 1700000000 0x1",
                                   "m\t1700000000 1",
                                   "\xc3\xa9 1700000000 1",
                                   "# comment",
                                   "m 1700000000 +1",
                                   "m 1700000000 .5",
                                   "m 1700000000 1e3",
                                   "m 1700000000 1 a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1"}) {
        CAPTURE(line);
        CHECK_FALSE(objection(line).empty());
    }
}

TEST_CASE("tcollector takes each line of ten minutes of numprocesses") {
    SECTION("as by default") {
        const test::Result result = ten_minutes({});
        CHECK(result.ended == exit_0);
        CHECK(result.err.empty());
        check_lines(result.out);
    }
    SECTION("without our deduplication, every second of every series is there") {
        const test::Result result = ten_minutes({"--dedup", "0"});
        CHECK(result.ended == exit_0);
        CHECK(result.err.empty());
        check_lines(result.out);
        const auto points = test::points_in(result.out, false);
        CHECK(points.size() == 9);
        for (const auto& [series, its] : points) {
            CAPTURE(series);
            CHECK(its.stamps.size() >= 600);
            CHECK(its.stamps.back() - its.stamps.front() + 1 == its.stamps.size());
        }
    }
    SECTION("in milliseconds") {
        const test::Result result = ten_minutes({"--interval", "500ms", "--granularity", "500ms"});
        CHECK(result.ended == exit_0);
        CHECK(result.err.empty());
        check_lines(result.out);
    }
}

TEST_CASE("A series is repeated at least once in 300 s, so that tcollector does not end its collector as inactive") {
    std::map<std::string, std::uint64_t> last;
    for (const std::string& line : test::complete_lines(ten_minutes({}).out)) {
        const std::string series = line.substr(line.find(' ', line.find(' ', line.find(' ') + 1) + 1));
        const std::uint64_t stamp = std::stoull(line.substr(line.find(' ') + 1));
        const auto known = last.find(series);
        if (known != last.end()) {
            CHECK(stamp - known->second <= 300);
        }
        last[series] = stamp;
    }
    CHECK(last.size() == 9);
}

TEST_CASE("The longest tags that are allowed make lines that tcollector takes, and longer ones end the collector") {
    const std::string value(115, 'x');
    std::vector<std::string> arguments{"--once"};
    for (const char key : {'a', 'b', 'c', 'd', 'e', 'f'}) {
        arguments.emplace_back("--tag");
        arguments.push_back(std::string{key} + "=" + value);
    }
    arguments.insert(arguments.end(), {"--format", "tcollector"});
    const test::Result result = test::run({.program = test::collector("numprocesses"), .arguments = arguments});
    CHECK(result.ended == exit_0);
    check_lines(result.out);
    CHECK(test::complete_lines(result.out).size() == 9);

    SECTION("an eighth tag is one too many") {
        arguments.insert(arguments.end(), {"--tag", "g=1"});
        const test::Result refused = test::run({.program = test::collector("numprocesses"), .arguments = arguments});
        CHECK(refused.ended == test::Ended{.code = 2});
        CHECK(refused.out.empty());
        CHECK(test::complete_lines(refused.err).size() == 1);
    }
    SECTION("a series of more than 800 bytes is too long") {
        arguments[2] += std::string(100, 'x');
        const test::Result refused = test::run({.program = test::collector("numprocesses"), .arguments = arguments});
        CHECK(refused.ended == test::Ended{.code = 2});
        CHECK(refused.out.empty());
        CHECK(test::complete_lines(refused.err).size() == 1);
    }
}

TEST_CASE("A host tag that was asked for is kept in tcollector form, as tcollector keeps it") {
    const test::Result result = test::run({.program = test::collector("numprocesses"),
                                           .arguments = {"--once", "--format", "tcollector", "--host-tag", "web-1"}});
    for (const std::string& line : test::complete_lines(result.out)) {
        CHECK(line.find(" host=web-1") != std::string::npos);
        CHECK_FALSE(line.starts_with("put "));
    }
}

TEST_CASE("TERM, INT and HUP from tcollector end numprocesses with exit code 0, a complete last line, and silence") {
    const int signal = GENERATE(SIGTERM, SIGINT, SIGHUP);
    CAPTURE(signal);
    test::UnderTcollector pair{test::collector("numprocesses"), {"--timespan", "1"}};
    std::string out = pair.tcollector.out.read_line(at_some_time).value_or("nothing came") + "\n";
    const test::FairTime time;
    const std::uint64_t before = test::now_in_seconds();
    pair.collector.signal(signal);
    out += pair.tcollector.out.read_to_end(at_some_time);
    CHECK(time.passed() <= promised);
    const auto held_up = std::chrono::duration_cast<std::chrono::seconds>(time.lost());
    CHECK(pair.tcollector.err.read_to_end(at_some_time) == "it ended with exit code 0\n");
    check_lines(out);
    const auto last = test::last_stamp(test::points_in(out, false));
    // The reading of a second is taken some milliseconds after its begin. A signal before that leaves the second without a
    // reading.
    CHECK(last >= before - 1);
    CHECK(last <= before + 1 + static_cast<std::uint64_t>(held_up.count()));
}

TEST_CASE("A tcollector that looks once a second and forgets ended collectors reads the last lines") {
    // A reader like tcollector: it sleeps, reads the pipe, checks whether the collector has ended, and stops reading then. On a
    // busy machine it may be later than a collector waits. That proves nothing, so the test tries again.
    for (int attempt = 0; attempt < 10; ++attempt) {
        test::Process process{{.program = test::test_program("blocked_reader"),
                               .arguments = {"--format", "tcollector", "--self-metrics", "0"},
                               .in = test::Pipe{},
                               .own_session = true}};
        REQUIRE(process.err.read_line(at_some_time) == "ready");
        process.in.write("abc");
        REQUIRE(process.err.read_line(at_some_time) == "counted");
        const test::FairTime time;
        process.signal(SIGTERM);
        std::string out;
        std::optional<test::Ended> ended;
        while (!ended && time.passed() <= promised + 1s) {
            std::this_thread::sleep_for(1s);
            ended = process.wait(0ms);
            if (!ended) {
                out += process.out.read_for(0ms);
            }
        }
        CHECK(ended == exit_0);
        if (time.lost() < 300ms) {
            const auto points = test::points_in(out, false);
            REQUIRE(points.size() == 1);
            CHECK(points.begin()->second.sum() == 3);
            return;
        }
    }
    WARN("skipped: the machine is too busy");
}

TEST_CASE("A reader that stalls for seconds loses nothing, and no line is torn") {
    // Zeros are written for every 50 ms, too, so a gap would be visible.
    test::Process process{
        {.program = test::test_program("blocked_reader"),
         .arguments = {"--format", "tcollector", "--self-metrics", "0", "--granularity", "50ms", "--interval", "50ms",
                       "--timespan", "100ms", "--tag", "long=" + std::string(600, 'x')}, // six lines fill the pipe
         .in = test::Pipe{},
         .out = test::Pipe{.capacity = 4096},
         .own_session = true}};
    REQUIRE(process.err.read_line(at_some_time) == "ready");
    std::string out;
    for (int round = 0; round < 2; ++round) {
        process.in.write("12345");
        REQUIRE(process.err.read_line(at_some_time) == "counted");
        std::this_thread::sleep_for(2500ms);
        out += process.out.read_for(500ms);
    }
    const test::FairTime time;
    process.signal(SIGTERM);
    out += process.out.read_to_end(at_some_time);
    CHECK(process.wait(at_some_time) == exit_0);
    CHECK(time.passed() <= promised);
    CHECK(process.err.read_to_end(at_some_time).empty());
    check_lines(out);
    const auto points = test::points_in(out, false);
    REQUIRE(points.size() == 1);
    const test::Points& its = points.begin()->second;
    CHECK(its.sum() == 10);
    for (std::size_t i = 1; i < its.stamps.size(); ++i) {
        CHECK(its.stamps[i] - its.stamps[i - 1] == 50);
    }
}

TEST_CASE("The flag --once under tcollector writes each series once and ends with exit code 0") {
    test::UnderTcollector pair{test::collector("numprocesses"), {"--once"}};
    const std::string out = pair.tcollector.out.read_to_end(at_some_time);
    CHECK(pair.tcollector.err.read_to_end(at_some_time) == "it ended with exit code 0\n");
    check_lines(out);
    CHECK(test::complete_lines(out).size() == 9);
}
