// SPDX-License-Identifier: MIT
#include <tickertape/proc/pid_stat.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace std::string_literals;
using namespace std::string_view_literals;
using Catch::Matchers::StartsWith;
using tickertape::proc::parse_pid_stat;
using tickertape::proc::ParseError;
using tickertape::proc::PidStat;
using tickertape::proc::read_pid_stat;
using tickertape::proc::Root;

namespace {

std::string complaint_about(std::string_view text) {
    try {
        const PidStat stat = parse_pid_stat(text, "/proc/7/stat");
        return std::string{"nothing: state "} + stat.state;
    } catch (const ParseError& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("A process's line gives its id and the letter of its state") {
    const PidStat stat = parse_pid_stat("4711 (bash) S 1 4711 4711 34816 4712 4194304 1 0\n", "f");
    CHECK(stat.pid == 4711);
    CHECK(stat.state == 'S');
    CHECK(parse_pid_stat("1 (x) P 0", "f").state == 'P');
}

TEST_CASE("A process's name may hold anything, and ends at the last parenthesis") {
    CHECK(parse_pid_stat("1 (a b c) R 1\n", "f").state == 'R');
    CHECK(parse_pid_stat("1 (a) S 1 (b) D 1\n", "f").state == 'D');
    CHECK(parse_pid_stat("1 () (() Z 1\n", "f").state == 'Z');
    CHECK(parse_pid_stat("1 ()))) T 1\n", "f").state == 'T');
    CHECK(parse_pid_stat("1 () t 1\n", "f").state == 't');
    CHECK(parse_pid_stat("1 (x\n1 (y) S 1) X 1\n", "f").state == 'X');
    CHECK(parse_pid_stat("1 (\xff\0\x1b) I 1\n"sv, "f").state == 'I');
}

TEST_CASE("A process's line with fewer or more columns than today's is read") {
    CHECK(parse_pid_stat("9 (x) R 1\n", "f").state == 'R');
    std::string text = "9 (x) R";
    for (int column = 0; column < 80; ++column) {
        text += " 18446744073709551615";
    }
    CHECK(parse_pid_stat(text, "f").state == 'R');
}

TEST_CASE("A process's line that is no such line is refused with the file and the token") {
    CHECK_THAT(complaint_about(""), StartsWith("/proc/7/stat:1: field 1 '' is not a process id"));
    CHECK_THAT(complaint_about("\n"), StartsWith("/proc/7/stat:1: field 1 "));
    CHECK_THAT(complaint_about("abc (x) S 1"), StartsWith("/proc/7/stat:1: field 1 'abc' is not"));
    CHECK_THAT(complaint_about("99999999999 (x) S 1"), StartsWith("/proc/7/stat:1: field 1 '99999999999' is not"));
    CHECK_THAT(complaint_about("7"), StartsWith("/proc/7/stat:1: field 1 '7' is not"));
    CHECK_THAT(complaint_about("7 x S 1"), StartsWith("/proc/7/stat:1: field 1 '7' is not"));
    CHECK_THAT(complaint_about("7 (x"), StartsWith("/proc/7/stat:1: field 2 has no closing parenthesis"));
    CHECK_THAT(complaint_about("7 (x)"), StartsWith("/proc/7/stat:1: field 3 '' is not"));
    CHECK_THAT(complaint_about("7 (x) "), StartsWith("/proc/7/stat:1: field 3 '' is not"));
    CHECK_THAT(complaint_about("7 (x) S"), StartsWith("/proc/7/stat:1: field 3 'S' is not"));
    CHECK_THAT(complaint_about("7 (x) SS 1"), StartsWith("/proc/7/stat:1: field 3 'SS' is not"));
    CHECK_THAT(complaint_about("7 (x)  S 1"), StartsWith("/proc/7/stat:1: field 3 '' is not"));
    CHECK_THAT(complaint_about("7 (x)S 1"), StartsWith("/proc/7/stat:1: field 3 "));
}

TEST_CASE("A sentence about a process's line is one line of printable ASCII, and short") {
    const std::string binary = "\x1b[31m\xff\n\0\r\t8 (x) S 1"s + std::string(5000, '\n');
    for (const std::string& text : {binary, "7 (x) " + binary, "7 (x)" + binary, std::string(100'000, 'a')}) {
        const std::string complaint = complaint_about(text);
        CAPTURE(complaint);
        CHECK(complaint.size() < 300);
        CHECK(std::all_of(complaint.begin(), complaint.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    }
}

TEST_CASE("Every beginning of a process's line is either read or refused") {
    const std::string line = "4711 (a) R (b\n) S 1 4711 4711 34816 4712 4194304 1 0\n";
    for (std::size_t size = 0; size <= line.size(); ++size) {
        CAPTURE(size);
        const std::string complaint = complaint_about(std::string_view{line}.substr(0, size));
        // If a line is cut in the name, a part of the name may look like the state. The kernel does not cut there.
        CHECK((complaint.starts_with("nothing") || complaint.starts_with("/proc/7/stat:1: field ")));
    }
}

TEST_CASE("A process that is gone is no data, whether its folder, its file or its text is") {
    const test::TemporaryDirectory proc;
    proc.write("8/status", "");
    proc.write("9/stat", "");
    proc.write("10/stat", "10 (x) S 1\n");
    const Root root{proc.path()};
    CHECK_FALSE(read_pid_stat(root, 7).has_value());
    CHECK_FALSE(read_pid_stat(root, 8).has_value());
    CHECK_FALSE(read_pid_stat(root, 9).has_value());
    REQUIRE(read_pid_stat(root, 10).has_value());
    CHECK(read_pid_stat(root, 10)->state == 'S');
}

TEST_CASE("A broken process file is named with its path") {
    const test::TemporaryDirectory proc;
    proc.write("12/stat", "12 (x) broken\n");
    const Root root{proc.path()};
    CHECK_THROWS_WITH(read_pid_stat(root, 12),
                      StartsWith((proc.path() / "12/stat").string() + ":1: field 3 'broken' is not"));
}

TEST_CASE("Only folders named by positive numbers are processes") {
    const test::TemporaryDirectory proc;
    for (const char* const name : {"1", "42", "4194304", "0", "-1", "+3", "12x", "x12", "1.5", "99999999999", "self"}) {
        proc.write(std::filesystem::path{name} / "stat", "1 (x) S 1\n");
    }
    const Root root{proc.path()};
    std::vector<int> pids;
    for (int again = 0; again < 2; ++again) { // each time from the start
        root.list_pids(pids);
        std::sort(pids.begin(), pids.end());
        CHECK(pids == std::vector<int>{1, 42, 4194304});
    }
}

TEST_CASE("A process tree that is not there is named") {
    CHECK_THROWS_WITH(Root{"/nonexistent/proc"}, Catch::Matchers::ContainsSubstring("/nonexistent/proc"));
    CHECK_THROWS_WITH(Root{"/dev/null"}, Catch::Matchers::ContainsSubstring("/dev/null"));
}
