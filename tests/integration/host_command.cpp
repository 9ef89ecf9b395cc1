// SPDX-License-Identifier: MIT
// `tickertape host`: real collectors in one process.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/testkit/fake_tsd.hpp>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

using Lines = std::vector<std::string>;

const std::filesystem::path the_command = std::filesystem::path{TICKERTAPE_BIN_DIR} / "tickertape";

Lines sorted(Lines lines) {
    std::sort(lines.begin(), lines.end());
    return lines;
}

Lines with(Lines words, const Lines& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

/// Returns flags for an output that is the same in each run, on any machine.
Lines fixed() {
    return {
        "--once", "--now", "1700000000", "--hostname", "web01", "--proc-root", test::fixture("hosts/vm/proc").string()};
}

/// Returns the names of the threads, without those that end meanwhile.
Lines threads_of(const test::Process& process) {
    Lines names;
    for (const auto& task : std::filesystem::directory_iterator{"/proc/" + std::to_string(process.id()) + "/task"}) {
        std::ifstream file{task.path() / "comm"};
        std::string name;
        if (std::getline(file, name)) {
            names.push_back(name);
        }
    }
    return sorted(names);
}

/// Reads a crew's lines until `restarted` is in its second life and `steady` has run in this many buckets. Checks that no bucket
/// is missing.
void read_crew(test::Process& crew, const std::string& restarted, int buckets) {
    const std::string life = restarted + ".life ";
    long last = 0;
    bool again = false;
    for (int steady = 0; !again || steady < buckets;) {
        const auto line = crew.out.read_line(test::at_some_time);
        REQUIRE(line);
        if (line->starts_with("steady.runs ")) {
            const long stamp = std::stol(line->substr(12));
            CHECK((last == 0 || stamp == last + 1));
            last = stamp;
            ++steady;
        }
        again |= line->starts_with(life) && line->ends_with(" 2");
    }
}

} // namespace

TEST_CASE("tickertape host writes the same lines as its collectors alone") {
    Lines alone;
    for (const char* const name : {"ifstat", "uptime"}) {
        const test::Result result = test::run({.program = test::collector(name), .arguments = fixed()});
        REQUIRE(result.ended == test::exit_0);
        alone = with(alone, test::complete_lines(result.out));
    }
    REQUIRE(alone.size() > 2);
    const test::Result result =
        test::run({.program = the_command, .arguments = with({"host", "ifstat", "uptime"}, fixed())});
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    CHECK(sorted(test::complete_lines(result.out)) == sorted(alone));
}

TEST_CASE("tickertape host refuses a collector that does not exist, and names the nearest one") {
    const test::Result result = test::run({.program = the_command, .arguments = {"host", "uptime", "prostats"}});
    CHECK(result.ended == test::Ended{.code = 2});
    CHECK(result.out.empty());
    CHECK(result.err == "tickertape: there is no collector 'prostats'; perhaps procstats is meant\n");
}

TEST_CASE("tickertape host without a collector lists the collectors") {
    const test::Result result = test::run({.program = the_command, .arguments = {"host"}});
    CHECK(result.ended == test::Ended{.code = 2});
    CHECK(result.err.find("numprocesses") != std::string::npos);
}

TEST_CASE("A member of a crew that throws is restarted, and does not affect the others") {
    test::Process crew{{.program = test::test_program("crew"),
                        .arguments = {"steady,throws,never", "--format", "tcollector", "--dedup", "0"}}};
    read_crew(crew, "throws", 4);
    crew.signal(SIGTERM);
    const test::Result result = test::finish(crew);
    CHECK(result.ended == test::exit_0);
    CHECK(test::complete_lines(result.err) == Lines{"never: there is nothing here; it is started again in an hour",
                                                    "throws: the disk is on fire; it is started again in 1 s"});
}

TEST_CASE("A crew in which no collector can work exits with 13") {
    const test::Result result = test::run({.program = test::test_program("crew"), .arguments = {"never"}});
    CHECK(result.ended == test::Ended{.code = 13});
}

// A soak, because it depends on the machine: with stacks of 64 MiB (ulimit -s) the memory runs out in another order. Sanitizers
// need more addresses than the limit leaves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a soak: a crew goes on without memory for a thread or a stack of one member", "[.soak]") {
    test::Process crew{{.program = test::test_program("crew"),
                        .arguments = {"steady,starves", "--format", "tcollector", "--dedup", "0"}}};
    const auto next_complaint = [&crew] { return crew.err.read_line(test::at_some_time).value_or(""); };
    CHECK(next_complaint().starts_with("starves: there is no thread for it: "));
    CHECK(next_complaint() == "starves: there is no bread; it is started again in 1 s");
    CHECK(next_complaint().starts_with("starves: there is no memory for a stack: "));
    read_crew(crew, "starves", 1);
    crew.signal(SIGTERM);
    CHECK(test::finish(crew).ended == test::exit_0);
}
#endif

TEST_CASE("A member of a crew may run twice") {
    test::Process crew{{.program = test::test_program("crew"), .arguments = {"twice", "--format", "tcollector"}}};
    for (int runs = 0; runs < 2;) { // the first one ends its life when it has run twice
        const auto line = crew.out.read_line(test::at_some_time);
        REQUIRE(line);
        runs += line->starts_with("twice.runs ") ? std::stoi(line->substr(line->rfind(' '))) : 0;
    }
    crew.signal(SIGTERM);
    CHECK(test::finish(crew).ended == test::exit_0);
    const test::Result once =
        test::run({.program = test::test_program("crew"),
                   .arguments = {"twice", "--once", "--now", "1700000000", "--hostname", "web01"}});
    CHECK(once.ended == test::exit_0);
    CHECK(once.out.ends_with(" 2 host=web01\n"));
}

TEST_CASE("A crew that runs once ends with the worst code of its members") {
    const auto code = [](const Lines& arguments, const test::Stream& out) {
        return test::run({.program = test::test_program("crew"), .arguments = arguments, .out = out}).ended;
    };
    CHECK(code({"steady,never", "--once"}, test::Pipe{}) == test::Ended{.code = 13});
    CHECK(code({"steady,never", "--once"}, std::filesystem::path{"/dev/full"}) == test::Ended{.code = 1});
    CHECK(code({"steady", "--once"}, test::Pipe{}) == test::exit_0);
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
    const Lines expected{"crew", "tt-blocks", "tt-dump", "tt-pulse", "tt-supervisor"};
    Lines threads;
    test::eventually([&] { // some threads are still ending, or have no name yet
        threads = threads_of(crew);
        std::erase(threads, "tt-throws"); // this thread exists only now and then
        return threads == expected;
    });
    CHECK(threads == expected);
    crew.signal(SIGTERM);
    CHECK(test::finish(crew).ended == test::exit_0);
}

TEST_CASE("tickertape host takes its collectors from a flag with an equals sign and from the file of --config") {
    const test::TemporaryDirectory directory;
    directory.write("host.conf", "collector = uptime\nhost-tag = web02\n");
    const std::string file = directory.path() / "host.conf";
    const std::vector<Lines> ways{{"--collector=uptime", "--host-tag=web02"},
                                  {"--config", file},
                                  {"--config=" + file},
                                  {"uptime", "--config", file}};
    for (const Lines& words : ways) {
        const test::Result result =
            test::run({.program = the_command, .arguments = with(with({"host"}, words), fixed())});
        CAPTURE(words.front(), result.err);
        CHECK(result.ended == test::exit_0);
        const Lines lines = test::complete_lines(result.out);
        CHECK(lines.size() == 2);
        CHECK(std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
            return line.starts_with("put proc.uptime.") && line.ends_with(" host=web02");
        }));
    }
    const test::Result result = test::run({.program = the_command, .arguments = {"host", "uptime", "--config"}});
    CHECK(result.ended == test::Ended{.code = 2});
    CHECK(result.err == "host: --config: its FILE is missing\n");
}

TEST_CASE("tickertape host in a script of tcollector's directory writes in tcollector's form, whatever tcollector is "
          "called") {
    const test::TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path() / "0");
    const std::filesystem::path script = directory.path() / "0/tickertape-host";
    directory.write("0/tickertape-host",
                    "#!/bin/sh\nTICKERTAPE_STARTED_AS=$0 exec '" + the_command.string() + "' host uptime\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    test::Process host{{.program = script,
                        .own_session = true,
                        .environment = {{"TICKERTAPE_INTERVAL", "1"}, {"TICKERTAPE_TIMESPAN", "1"}}}};
    const auto line = host.out.read_line(test::at_some_time);
    REQUIRE(line);
    CHECK(line->starts_with("proc.uptime."));
    CHECK(line->find("host=") == std::string::npos);
    host.signal(SIGTERM);
    CHECK(test::finish(host).ended == test::exit_0);
}

TEST_CASE("Each collector of tickertape host reads its own config file") {
    const test::TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path() / "0");
    std::filesystem::create_symlink(the_command, directory.path() / "0/tickertape");
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

TEST_CASE("install-collectors --host sets the single collectors aside, so that no point comes twice") {
    const test::TemporaryDirectory directory;
    const std::filesystem::path zero = directory.path() / "0";
    std::filesystem::create_directory(zero);
    const auto install = [&](const Lines& arguments) {
        const std::filesystem::path script =
            std::filesystem::path{TICKERTAPE_SOURCE_DIR} / "scripts/install-collectors";
        const test::Result result =
            test::run({.program = script, .arguments = with({"--from", TICKERTAPE_BIN_DIR}, arguments)});
        CAPTURE(result.err);
        REQUIRE(result.ended == test::exit_0);
    };
    const auto programs = [&zero] {
        Lines names;
        for (const auto& file : std::filesystem::directory_iterator{zero}) {
            names.push_back(file.path().filename());
        }
        return sorted(names);
    };
    const std::string dir = directory.path();
    install({dir, "ifstat", "kernel", "numprocesses"});
    install({"--host", dir, "ifstat", "numprocesses", "uptime"});
    REQUIRE(programs() == Lines{"kernel", "tickertape-host"});

    const tickertape::testkit::FakeTsd tsd;
    std::vector<std::unique_ptr<test::Process>> running;
    for (const std::string& name : programs()) { // as tcollector runs them
        running.push_back(std::make_unique<test::Process>(test::Command{
            .program = zero / name,
            .environment = {
                {"TICKERTAPE_TSD", tsd.address()}, {"TICKERTAPE_INTERVAL", "1"}, {"TICKERTAPE_TIMESPAN", "1"}}}));
    }
    const auto count = [&tsd](std::string_view metric) {
        const Lines lines = tsd.lines();
        return std::count_if(lines.begin(), lines.end(),
                             [&](const std::string& line) { return line.find(metric) != std::string::npos; });
    };
    REQUIRE(test::eventually([&] {
        return count("proc.num_processes") >= 6 && count("proc.net.bytes") >= 6 && count("proc.uptime") >= 2 &&
               count("proc.filefd.") >= 6;
    }));
    for (const auto& process : running) {
        process->signal(SIGTERM);
        CHECK(test::finish(*process).ended == test::exit_0);
    }
    Lines points; // metric, timestamp and tags
    for (const std::string& line : tsd.lines()) {
        std::vector<std::string> words;
        std::istringstream text{line};
        for (std::string word; text >> word;) {
            words.push_back(word);
        }
        REQUIRE(words.size() > 4);
        words.erase(words.begin() + 3); // the value
        std::string point;
        for (const std::string& word : words) {
            point += word + " ";
        }
        points.push_back(point);
    }
    points = sorted(points);
    CHECK(std::adjacent_find(points.begin(), points.end()) == points.end());

    install({"--undo", dir, "tickertape-host"});
    CHECK(programs() == Lines{"ifstat", "kernel", "numprocesses"});
}
