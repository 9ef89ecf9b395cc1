// SPDX-License-Identifier: MIT
// `tickertape lint` from a user's point of view.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <cli/lint/rule.hpp>

#include "support/catch.hpp"
#include "support/long_time.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::Ended;
using test::long_time;
using test::Result;

Result run(std::vector<std::string> arguments, const std::string& input = {}) {
    const test::TemporaryDirectory directory;
    std::ofstream{directory.path() / "input"} << input;
    arguments.insert(arguments.begin(), "lint");
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape",
                           .arguments = std::move(arguments),
                           .in = directory.path() / "input"}};
    return test::finish(process, long_time);
}

Result lint(const std::string& target, const std::string& input, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--target", target});
    return run(more, input);
}

} // namespace

TEST_CASE("lint prints file, line, rule, effect and remedy, and a summary on standard error") {
    const Result ran = lint("tcollector", "m 1700000000 1 a=b\nm 1700000001 nan a=b\n");
    CHECK(ran.out ==
          "stdin:2: value-nan: tcollector forwards 'nan', which OpenTSDB refuses; print no line when there is no "
          "value\n");
    CHECK(ran.err == "tickertape: 2 lines, 1 finding: 1 value-nan; the worst is dropped\n");
}

TEST_CASE("The exit code of lint is that of the worst finding") {
    CHECK(lint("opentsdb", "put m 1700000000 1 a=b\n").ended == test::exit_0);
    CHECK(lint("opentsdb", "").ended == test::exit_0);
    CHECK(lint("opentsdb", "\n").ended == test::exit_0); // a note
    CHECK(lint("opentsdb", "put m 17000000000 1 a=b\n").ended == Ended{.code = 1});
    CHECK(lint("opentsdb", "put m 17000000000 1 a=b\nput m 1700000000 nan a=b\n").ended == Ended{.code = 3});
    CHECK(lint("opentsdb", "put m 1700000000 nan a=b\ndiediedie\nput m 17000000000 1 a=b\n").ended == Ended{.code = 4});
}

TEST_CASE("lint refuses targets and rules that it does not know with exit code 2") {
    CHECK(run({}).ended == Ended{.code = 2});
    CHECK(lint("graphite", "").ended == Ended{.code = 2});
    const Result several =
        lint("opentsdb", "put m 1700000000 nan\n", {"--ignore", "value-nan", "--ignore", "tag-none", "-"});
    CHECK(several.ended == test::exit_0);
    CHECK_THAT(several.err, ContainsSubstring("1 line, no findings"));
    const Result ran = lint("opentsdb", "", {"--ignore", "value-nun"});
    CHECK(ran.ended == Ended{.code = 2});
    CHECK(ran.err == "tickertape: --ignore 'value-nun' is no rule of opentsdb; --rules lists them\n");
}

TEST_CASE("lint reports a file that it cannot read, reads the others, and exits with 2") {
    const Result ran = lint("opentsdb", "put m 1700000000 nan a=b\n", {"/nowhere/x", "-"});
    CHECK(ran.ended == Ended{.code = 2});
    CHECK_THAT(ran.err, ContainsSubstring("tickertape: cannot open /nowhere/x: No such file or directory\n"));
    CHECK_THAT(ran.out, ContainsSubstring("stdin:1: value-nan: "));
}

TEST_CASE("Files of lint are one stream, and each has its own line numbers") {
    const test::TemporaryDirectory directory;
    const std::string one = (directory.path() / "one").string();
    const std::string two = (directory.path() / "two").string();
    std::ofstream{one} << "put m 1700000000 1 a=b\n";
    std::ofstream{two} << "\nput m 1700000000 2 a=b\n";
    const Result ran = run({"--target", "opentsdb", one, two});
    CHECK(ran.out.starts_with(two + ":2: stamp-overwritten: "));
}

TEST_CASE("lint shows the first findings of a rule and counts them all") {
    std::string lines;
    for (int i = 0; i < 30; ++i) {
        lines += "put m 1700000000 x a=b\n";
    }
    const auto shown = [&](std::vector<std::string> more) {
        return test::complete_lines(lint("opentsdb", lines, std::move(more)).out).size();
    };
    CHECK(shown({}) == 10);
    CHECK(shown({"--max", "3"}) == 3);
    CHECK(shown({"--max", "0"}) == 30);
    CHECK_THAT(lint("opentsdb", lines).err, ContainsSubstring("30 lines, 30 findings: 30 value-text;"));
}

TEST_CASE("Notes of lint are shown when asked for") {
    CHECK(lint("opentsdb", "\n").out.empty());
    CHECK(lint("opentsdb", "\n", {"--notes"}).out.starts_with("stdin:1: blank-line: "));
}

TEST_CASE("With the flag tee lint passes all bytes on and prints its findings on standard error") {
    const std::string bytes = std::string{"put m 1700000000 nan a=b\nput m\0\n\n\xff\xfe\nput m 1700000001 1 a=b", 57};
    const Result ran = lint("opentsdb", bytes, {"--tee"});
    CHECK(ran.out == bytes);
    CHECK_THAT(ran.err, ContainsSubstring("stdin:1: value-nan: "));
}

TEST_CASE("With the flag tee lint passes a line of a megabyte on as it is") {
    const std::string bytes = "put m 1700000000 1 a=" + std::string(1'000'000, 'x') + "\nput m 1700000001 1 a=b\n";
    const Result ran = lint("victoriametrics", bytes, {"--tee", "--now", "1700000000"});
    CHECK(ran.out == bytes);
    CHECK(ran.ended == Ended{.code = 4});
    CHECK_THAT(ran.err, ContainsSubstring("stdin:1: line-length: "));
    CHECK_THAT(ran.err, ContainsSubstring("2 lines, 1 finding"));
}

TEST_CASE("With the flag tee lint passes all on to a reader that is slow to take it from a pipe that does not block") {
    std::string bytes;
    for (int i = 0; i < 50'000; ++i) { // many times the size of the pipe
        bytes += "put m " + std::to_string(1'700'000'000 + i) + " 1 a=b\n";
    }
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    REQUIRE(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
    test::PipeEnd out{ends[0]};
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape",
                           .arguments = {"lint", "--target", "opentsdb", "--tee"},
                           .in = test::Pipe{},
                           .out = ends[1]}};
    close(ends[1]);
    std::thread writer{[&] {
        process.in.write(bytes);
        process.in.close();
    }};
    CHECK((out.read_to_end(long_time) == bytes)); // not shown: it is large
    writer.join();
    CHECK(process.err.read_to_end(long_time) == "tickertape: 50000 lines, no findings\n");
    CHECK(process.wait(long_time) == test::exit_0);
}

TEST_CASE("With the flag tee lint stops reading when it cannot write its output") {
    const std::string line = "put m 1700000000 1 a=b\n";
    const bool has_reader = GENERATE(true, false);
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape",
                           .arguments = {"lint", "--target", "opentsdb", "--tee"},
                           .in = test::Pipe{},
                           .out = has_reader ? test::Stream{std::filesystem::path{"/dev/full"}} : test::Pipe{}}};
    process.out.close();
    process.in.write(line); // its last line is not complete, so it is not reported
    CHECK(process.err.read_to_end(long_time) ==
          std::string{"tickertape: "}
              .append(has_reader ? "cannot write to standard output: No space left on device"
                                 : "nobody reads the output any more")
              .append("\ntickertape: 1 line, no findings\n"));
    CHECK(process.wait(long_time) == Ended{.code = 2});
}

TEST_CASE("With the flag tee lint passes on the collector's last lines after Ctrl-C") {
    const std::string line = "put m 1700000000 1 a=b\n";
    const std::string last = "put m 1700000001 1 a=b\n";
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape",
                           .arguments = {"lint", "--target", "opentsdb", "--tee"},
                           .in = test::Pipe{}}};
    process.in.write(line);
    CHECK(process.out.read_line(long_time).value_or("") + "\n" == line);
    process.signal(SIGINT);
    process.in.write(last); // those in the pipe when it notices the signal, too
    CHECK(process.out.read_line(long_time).value_or("") + "\n" == last);
    SECTION("up to its end") { process.in.close(); }
    SECTION("or for some seconds, if that does not come") {}
    CHECK(process.err.read_to_end(long_time) == "tickertape: 2 lines, no findings\n");
    CHECK(process.wait(long_time) == test::exit_0);
}

TEST_CASE("The host name that tcollector adds counts for lint") {
    const std::string line = "m 1700000000 1 a=" + std::string(980, 'x') + "\n";
    CHECK(lint("tcollector", line, {"--host", "web"}).ended == test::exit_0);
    CHECK(lint("tcollector", line, {"--host", std::string(30, 'w')}).ended == Ended{.code = 4});
}

TEST_CASE("lint reports forgotten series, and timestamps that it could not compare") {
    std::string lines;
    for (int i = 0; i < 10; ++i) {
        lines += "put m" + std::to_string(i) + " 1700000000 1 a=b\n";
    }
    const Result ran = lint("influxdb", lines, {"--series", "4"});
    CHECK_THAT(ran.err,
               ContainsSubstring("series were forgotten (--series 4): findings across their lines may be missing"));
    std::string back;
    for (const char* const stamp : {"5", "6", "7", "8", "1"}) {
        back += std::string{"put m 170000000"} + stamp + " 1 a=b\n";
    }
    CHECK_THAT(
        lint("influxdb", back).err,
        ContainsSubstring("lines: 1 are older than the newest 4 of their series: not checked for repeated timestamps"));
}

TEST_CASE("The list of rules names all of them, with their harm") {
    using namespace tickertape::cli::lint;
    for (const Target target : {Target::tcollector, Target::opentsdb, Target::victoriametrics, Target::influxdb}) {
        const Result ran = run({"--target", std::string{name_of(target)}, "--rules"});
        CHECK(ran.ended == test::exit_0);
        for (const Rule& rule : rules_of(target)) {
            std::string begin{name_of(rule.fault)};
            begin.resize(std::max<std::size_t>(begin.size() + 1, 19), ' ');
            CHECK_THAT(ran.out, ContainsSubstring(begin + std::string{name_of(rule.harm)} + " "));
        }
    }
}

TEST_CASE("lint reports the findings of a pipe as lines arrive, and Ctrl-C ends it with a summary") {
    test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape",
                           .arguments = {"lint", "--target", "opentsdb"},
                           .in = test::Pipe{}}};
    process.in.write("put m 1700000000 nan a=b\nput m 170");
    CHECK(process.out.read_line(long_time).value_or("").starts_with("stdin:1: value-nan: "));
    process.signal(SIGINT);
    CHECK_THAT(process.err.read_to_end(long_time), ContainsSubstring("1 line, 1 finding"));
    CHECK(process.wait(long_time) == Ended{.code = 3});
}

TEST_CASE("lint reports a write error, and exits with 2") {
    const test::TemporaryDirectory directory;
    std::ofstream{directory.path() / "input"} << "put m 1700000000 nan a=b\n";
    for (const char* const flag : {"--max=0", "--tee", "--rules"}) {
        INFO(flag);
        test::Process process{{.program = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape",
                               .arguments = {"lint", "--target", "opentsdb", flag},
                               .in = directory.path() / "input",
                               .out = std::filesystem::path{"/dev/full"}}};
        CHECK_THAT(process.err.read_to_end(long_time),
                   ContainsSubstring("tickertape: cannot write to standard output: No space left on device\n"));
        CHECK(process.wait(long_time) == Ended{.code = 2});
    }
}
