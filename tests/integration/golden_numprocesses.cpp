// SPDX-License-Identifier: MIT
// The real numprocesses on recorded process trees: its bytes, and its numbers compared with another way of counting.
#include <algorithm>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

test::Result numprocesses(const std::string& tree, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{
        "--proc-root", test::fixture("proc/" + tree).string(), "--now", "1700000000", "--hostname", "golden", "--once"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::run({.program = test::collector("numprocesses"), .arguments = arguments});
}

/// Returns the states of all processes of a tree, by a regular expression over the whole file. A file that does not match counts
/// as unknown.
std::map<std::string, int> count_states(const std::filesystem::path& tree) {
    const std::map<char, std::string> names{{'R', "running"}, {'S', "sleeping"},     {'D', "disk_sleep"},
                                            {'T', "stopped"}, {'t', "tracing_stop"}, {'Z', "zombie"},
                                            {'X', "dead"},    {'x', "dead"},         {'I', "idle"}};
    std::map<std::string, int> count{{"unknown", 0}};
    for (const auto& [letter, name] : names) {
        count[name] = 0;
    }
    static const std::regex pid{"[1-9][0-9]{0,6}"};
    static const std::regex line{R"([0-9]+ \([\s\S]*\) (\S) [\s\S]*)"};
    for (const auto& entry : std::filesystem::directory_iterator{tree}) {
        const std::string text = test::contents_of(entry.path() / "stat");
        if (!std::regex_match(entry.path().filename().string(), pid) || text.empty()) {
            continue;
        }
        std::smatch match;
        const bool known = std::regex_match(text, match, line) && names.contains(match.str(1).front());
        ++count[known ? names.at(match.str(1).front()) : "unknown"];
    }
    return count;
}

/// Returns the values by the tag `state`.
std::map<std::string, int> values_in(const std::string& out) {
    static const std::regex line{"put proc\\.num_processes 1700000000 ([0-9]+) host=golden state=([a-z_]+)"};
    std::map<std::string, int> values;
    for (const std::string& text : test::complete_lines(out)) {
        std::smatch match;
        INFO(text);
        REQUIRE(std::regex_match(text, match, line));
        CHECK(values.emplace(match.str(2), std::stoi(match.str(1))).second);
    }
    return values;
}

} // namespace

TEST_CASE("numprocesses prints its golden file, and nothing else") {
    const test::Result result = numprocesses("plain");
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    test::check_golden("numprocesses/plain.golden", result.out);
}

TEST_CASE("numprocesses agrees with an independent reader") {
    CHECK(values_in(numprocesses("plain").out) == count_states(test::fixture("proc/plain")));
}

TEST_CASE("numprocesses prints its golden file in tcollector form") {
    const test::Result result = numprocesses("plain", {"--format", "tcollector"});
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    test::check_golden("numprocesses/tcollector.golden", result.out);
}

TEST_CASE("numprocesses prints its golden file with tags and a host tag") {
    const test::Result result = numprocesses("plain", {"--tag", "zone=b", "--tag", "cluster=a", "--host-tag", "web-1"});
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    test::check_golden("numprocesses/tags.golden", result.out);
}

TEST_CASE("numprocesses prints its golden file with buckets of milliseconds") {
    const test::Result result =
        numprocesses("plain", {"--interval", "250ms", "--granularity", "250ms", "--timespan", "5"});
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    test::check_golden("numprocesses/milliseconds.golden", result.out);
}

TEST_CASE("Odd process files count as unknown, are each named once, and hide no other process") {
    const test::Result result = numprocesses("broken");
    CHECK(result.ended == test::exit_0);
    test::check_golden("numprocesses/broken.golden", result.out);
    std::vector<std::string> complaints = test::complete_lines(result.err);
    std::sort(complaints.begin(), complaints.end());
    std::vector<std::string> about;
    for (const std::string& complaint : complaints) {
        INFO(complaint);
        CHECK(std::all_of(complaint.begin(), complaint.end(), [](char c) { return c >= ' ' && c <= '~'; }));
        const std::size_t place = complaint.find("/stat:1: field ");
        REQUIRE(place != std::string::npos);
        about.push_back(complaint.substr(complaint.rfind('/', place - 1) + 1, 3));
    }
    std::sort(about.begin(), about.end());
    CHECK(about == std::vector<std::string>{"202", "203", "204", "205", "207", "208", "209", "210"});
}

TEST_CASE("An empty process tree gives zeros, which are true") {
    const test::TemporaryDirectory empty;
    const test::Result result = test::run({.program = test::collector("numprocesses"),
                                           .arguments = {"--proc-root", empty.path().string(), "--now", "1700000000",
                                                         "--hostname", "golden", "--once", "--user", "root"}});
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    for (const auto& [state, value] : values_in(result.out)) {
        CHECK(value == 0);
    }
}
