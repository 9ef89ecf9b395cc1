// SPDX-License-Identifier: MIT
// The lines of our collectors, in the form of each target, pass `tickertape lint`.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::chrono::milliseconds long_time = 120s;

std::vector<std::string> all_collectors() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{fs::path{TICKERTAPE_SOURCE_DIR} / "collectors"}) {
        if (entry.path().extension() == ".cpp") {
            names.push_back(entry.path().stem().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// Returns the output of a collector; none if it cannot work on this host.
std::string output_of(const std::string& name, std::vector<std::string> arguments) {
    if (name == "authfailures") {
        arguments.insert(arguments.end(), {"--file", test::fixture("auth.log").string()});
    }
    const test::Result result = test::run({.program = test::collector(name), .arguments = arguments}, long_time);
    constexpr int cannot_work_here = 13;
    if (result.ended != test::Ended{.code = cannot_work_here}) {
        CAPTURE(name, result.err);
        CHECK(result.ended == test::exit_0);
    }
    return result.out;
}

/// Returns whether the lines pass for `target`, apart from notes.
void check_passes(const std::string& lines, const std::string& target, std::vector<std::string> more) {
    const test::TemporaryDirectory directory;
    const fs::path file = directory.path() / "lines";
    std::ofstream{file} << lines;
    more.insert(more.begin(), {"lint", "--target", target, file.string()});
    const test::Result result =
        test::run({.program = fs::path{TICKERTAPE_BIN_DIR} / "tickertape", .arguments = more}, long_time);
    CAPTURE(target, result.err);
    CHECK(result.out.empty());
    CHECK(result.ended == test::exit_0);
    const auto count = std::to_string(std::count(lines.begin(), lines.end(), '\n'));
    CHECK(result.err.starts_with("tickertape: " + count + " line"));
}

/// In the form of each target.
std::size_t check_passes_everywhere(const std::string& name, const std::vector<std::string>& arguments,
                                    const std::vector<std::string>& lint_arguments = {}) {
    CAPTURE(name);
    const auto in_form = [&](const std::string& form) {
        std::vector<std::string> all = arguments;
        all.insert(all.end(), {"--format", form});
        return output_of(name, all);
    };
    check_passes(in_form("tcollector"), "tcollector", lint_arguments);
    const std::string put = in_form("put");
    for (const char* const target : {"opentsdb", "victoriametrics", "influxdb"}) {
        check_passes(put, target, lint_arguments);
    }
    return put.size();
}

} // namespace

TEST_CASE("The output of our collectors on this machine with --once passes lint for each target") {
    const std::string now = std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    std::size_t bytes = 0;
    for (const std::string& name : all_collectors()) {
        std::vector<std::string> arguments{"--once"};
        if (name != "authfailures") {                          // it follows a log, so our clock has no effect on it
            arguments.insert(arguments.end(), {"--now", now}); // so that the test waits for no interval
        }
        bytes += check_passes_everywhere(name, arguments);
    }
    CHECK(bytes > 10'000);
}

TEST_CASE("Ten minutes of our collectors' output for a large host pass lint for each target") {
    const fs::path host = test::fixture("hosts/large");
    for (const std::string& name : all_collectors()) {
        if (name == "authfailures" || name == "sarcpu" || name == "dfstat") {
            continue; // there are no points about a log or counters that do not change, or about another host's mounts
        }
        std::vector<std::string> arguments{"--proc-root", (host / "proc").string(), "--now", "1700000000", "--for",
                                           "600"};
        if (name == "iostat" || name == "procstats" || name == "diskburst" || name == "cgroup" || name == "netlinks") {
            arguments.insert(arguments.end(), {"--sys-root", (host / "sys").string()});
        }
        CAPTURE(name);
        CHECK(check_passes_everywhere(name, arguments, {"--now", "1700000600"}) > 0);
    }
}

TEST_CASE("Some seconds of our collectors' output on this machine pass lint for each target") {
    for (const char* const name : {"authfailures", "numprocesses", "sarcpu"}) {
        CAPTURE(name);
        CHECK(check_passes_everywhere(name, {"--for", "3"}) > 0);
    }
}

TEST_CASE("lint sees it when a collector prints in the form of another target") {
    const test::Result result =
        test::run({.program = "/bin/sh",
                   .arguments = {"-c", R"("$0" --once --format put | "$1" lint --target tcollector)",
                                 test::collector("uptime").string(), TICKERTAPE_BIN_DIR "/tickertape"}},
                  long_time);
    CHECK(result.ended == test::Ended{.code = 3});
    CHECK(result.out.starts_with("stdin:1: put-prefix: "));
}
