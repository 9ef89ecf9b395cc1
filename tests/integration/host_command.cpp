// SPDX-License-Identifier: MIT
// `tickertape host`: real collectors in one process.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

using Lines = std::vector<std::string>;

const std::filesystem::path tickertape = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape";

Lines sorted(Lines lines) {
    std::sort(lines.begin(), lines.end());
    return lines;
}

Lines with(Lines words, const Lines& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

/// What is the same in each run, wherever it runs.
Lines fixed() {
    return {
        "--once", "--now", "1700000000", "--hostname", "web01", "--proc-root", test::fixture("hosts/vm/proc").string()};
}

Lines threads_of(const test::Process& process) {
    Lines names;
    for (const auto& task : std::filesystem::directory_iterator{"/proc/" + std::to_string(process.id()) + "/task"}) {
        std::ifstream file{task.path() / "comm"};
        std::getline(file, names.emplace_back());
    }
    return sorted(names);
}

} // namespace

TEST_CASE("tickertape host writes what its collectors write by themselves") {
    Lines alone;
    for (const char* const name : {"ifstat", "uptime"}) {
        const test::Result result = test::run({.program = test::collector(name), .arguments = fixed()});
        REQUIRE(result.ended == test::exit_0);
        alone = with(alone, test::complete_lines(result.out));
    }
    REQUIRE(alone.size() > 2);
    const test::Result result =
        test::run({.program = tickertape, .arguments = with({"host", "ifstat", "uptime"}, fixed())});
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    CHECK(sorted(test::complete_lines(result.out)) == sorted(alone));
}

TEST_CASE("tickertape host refuses a collector that there is not, and names the nearest one") {
    const test::Result result = test::run({.program = tickertape, .arguments = {"host", "uptime", "prostats"}});
    CHECK(result.ended == test::Ended{.code = 2});
    CHECK(result.out.empty());
    CHECK(result.err == "tickertape: there is no collector 'prostats'; perhaps procstats is meant\n");
}

TEST_CASE("tickertape host without a collector says what there is") {
    const test::Result result = test::run({.program = tickertape, .arguments = {"host"}});
    CHECK(result.ended == test::Ended{.code = 2});
    CHECK(result.err.find("numprocesses") != std::string::npos);
}

TEST_CASE("A member of a crew that throws is started again and costs the others nothing") {
    test::Process crew{{.program = test::test_program("crew"),
                        .arguments = {"steady,throws,never", "--format", "tcollector", "--dedup", "0"}}};
    long last = 0;
    bool again = false;
    int seconds = 0;
    while (!again || seconds < 4) {
        const auto line = crew.out.read_line(test::at_some_time);
        REQUIRE(line);
        if (line->starts_with("steady.runs ")) {
            const long stamp = std::stol(line->substr(12));
            CHECK((last == 0 || stamp == last + 1)); // no bucket is missing
            last = stamp;
            ++seconds;
        }
        again |= line->starts_with("throws.life ") && line->ends_with(" 2");
    }
    crew.signal(SIGTERM);
    const test::Result result = test::finish(crew);
    CHECK(result.ended == test::exit_0);
    CHECK(test::complete_lines(result.err) == Lines{"never: there is nothing here; it is started again in an hour",
                                                    "throws: the disk is on fire; it is started again in 1 s"});
}

TEST_CASE("A crew of which nobody can work ends with 13") {
    const test::Result result = test::run({.program = test::test_program("crew"), .arguments = {"never"}});
    CHECK(result.ended == test::Ended{.code = 13});
}

TEST_CASE("A crew has four threads, and one for each member that blocks") {
    test::Process crew{{.program = test::test_program("crew"),
                        .arguments = {"steady,throws,blocks", "--format", "tcollector"},
                        .in = test::Pipe{}}};
    bool blocks = false;
    bool steady = false;
    while (!blocks || !steady) {
        const auto line = crew.out.read_line(test::at_some_time);
        REQUIRE(line);
        blocks |= line->starts_with("blocks.lines ");
        steady |= line->starts_with("steady.runs ");
    }
    Lines threads = threads_of(crew);
    std::erase(threads, "tt-throws"); // while it ends
    CHECK(threads == Lines{"crew", "tt-blocks", "tt-dump", "tt-pulse", "tt-supervisor"});
    crew.signal(SIGTERM);
    CHECK(test::finish(crew).ended == test::exit_0);
}

TEST_CASE("Each collector of tickertape host reads its own config file") {
    const test::TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path() / "0");
    std::filesystem::create_symlink(tickertape, directory.path() / "0/tickertape");
    std::filesystem::create_directory(directory.path() / "etc");
    directory.write("etc/uptime.conf", "tag = from=uptime.conf\n");
    directory.write("etc/procstats.conf", "tag = from=procstats.conf\ninclude-table = loadavg\n");
    directory.write("etc/host.conf", "collector = uptime\nhost-tag = web02\n");
    const test::Result result = test::run(
        {.program = directory.path() / "0/tickertape", .arguments = with({"host", "uptime", "procstats"}, fixed())});
    CHECK(result.ended == test::exit_0);
    const Lines lines = test::complete_lines(result.out);
    CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
              return line.starts_with("put proc.uptime.") && line.ends_with(" from=uptime.conf host=web02");
          }) == 2);
    CHECK(std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
              return line.starts_with("put proc.loadavg.") && line.ends_with(" from=procstats.conf host=web02");
          }) == 5);
    CHECK(lines.size() == 7);
}
