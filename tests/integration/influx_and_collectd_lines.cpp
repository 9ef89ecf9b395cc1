// SPDX-License-Identifier: MIT
// Collectors with --format influx and --format collectd: their lines are the put lines in another form. With a real collectd
// and telegraf, if they are here.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Variables = std::map<std::string, std::string>;

test::Result numprocesses(std::vector<std::string> more, const Variables& environment = {}) {
    std::vector<std::string> arguments{"--proc-root", test::fixture("proc/plain").string(), "--now", "1700000000",
                                       "--once"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::run({.program = test::collector("numprocesses"), .arguments = arguments, .environment = environment});
}

std::vector<std::string> lines_of(const std::string& format, const std::vector<std::string>& more = {},
                                  const Variables& environment = {}) {
    std::vector<std::string> arguments{"--format", format};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const test::Result result = numprocesses(arguments, environment);
    CHECK(result.ended == test::exit_0);
    CHECK(result.err.empty());
    return test::complete_lines(result.out);
}

/// The put lines of numprocesses in another form: a pattern with the groups value, host and state.
std::vector<std::string> rewritten(const std::vector<std::string>& put, const std::string& form) {
    static const std::regex line{"put proc\\.num_processes 1700000000 ([0-9]+) host=([^ ]*) state=([a-z_]+)"};
    std::vector<std::string> all;
    for (const std::string& each : put) {
        REQUIRE(std::regex_match(each, line));
        all.push_back(std::regex_replace(each, line, form));
    }
    return all;
}

const std::string as_influx = "proc.num_processes,host=$2,state=$3 value=$1 1700000000000000000";

std::string as_collectd(const std::string& interval) {
    return "PUTVAL \"$2/tickertape-proc.num_processes/gauge-state=$3\" interval=" + interval + " 1700000000:$1";
}

fs::path collectd_root() {
    const char* const root = std::getenv("TICKERTAPE_COLLECTD");
    return root != nullptr ? root : "/";
}

/// The first telegraf of PATH, or TICKERTAPE_TELEGRAF; empty if there is none.
fs::path telegraf() {
    if (const char* const given = std::getenv("TICKERTAPE_TELEGRAF")) {
        return given;
    }
    std::istringstream path{std::getenv("PATH")};
    for (std::string folder; std::getline(path, folder, ':');) {
        if (fs::exists(fs::path{folder} / "telegraf")) {
            return fs::path{folder} / "telegraf";
        }
    }
    return {};
}

/// Writes a script that runs a collector and notes its lines in `notes`, which anybody may write.
fs::path write_noting_script(const test::TemporaryDirectory& directory, const std::string& command,
                             const fs::path& notes) {
    const fs::path script = directory.path() / "noting.sh";
    std::ofstream{script} << "#!/bin/sh\n" << test::collector(command).string() << " | tee " << notes.string() << "\n";
    std::ofstream{notes} << "";
    fs::permissions(script, fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
    fs::permissions(notes, fs::perms::owner_all | fs::perms::others_all);
    return script;
}

std::vector<std::string> complete_lines_in(const fs::path& file) {
    std::string text = test::contents_of(file);
    text.resize(text.rfind('\n') + 1);
    return test::complete_lines(text);
}

/// The `epoch,value` of all files that the plugin csv wrote for an identifier.
std::map<double, double> csv_values(const fs::path& data, const std::string& identifier) {
    std::map<double, double> values;
    const fs::path file = data / identifier;
    if (!fs::exists(file.parent_path())) {
        return values;
    }
    for (const auto& entry : fs::directory_iterator{file.parent_path()}) {
        const std::string name = entry.path().filename().string();
        const std::string stem = file.filename().string();
        if (!name.starts_with(stem) || name.size() != stem.size() + std::string{"-2026-11-29"}.size()) {
            continue;
        }
        std::ifstream in{entry.path()};
        std::string line;
        std::getline(in, line);
        CHECK(line == "epoch,value");
        while (std::getline(in, line)) {
            const std::size_t comma = line.find(',');
            values[std::stod(line)] = std::stod(line.substr(comma + 1));
        }
    }
    return values;
}

} // namespace

TEST_CASE("The flag --format influx writes the lines that telegraf reads") {
    const auto put = lines_of("put", {"--hostname", "web01"});
    REQUIRE(put.size() == 9);
    CHECK(lines_of("influx", {"--hostname", "web01"}) == rewritten(put, as_influx));
    CHECK(lines_of("influx", {"--host-tag", "web01"}) == rewritten(put, as_influx));
    CHECK(lines_of("influx", {"--host-tag", "none"}) ==
          rewritten(put, "proc.num_processes,state=$3 value=$1 1700000000000000000"));
    CHECK(lines_of("put", {"--hostname", "web01"}, {{"TICKERTAPE_FORMAT", "influx"}}) == put);
}

TEST_CASE("The flag --format collectd writes the lines that collectd reads, with its host and interval") {
    const auto put = lines_of("put", {"--hostname", "web01"});
    CHECK(lines_of("collectd", {"--hostname", "web01"}) == rewritten(put, as_collectd("1")));
    const Variables collectd{{"COLLECTD_HOSTNAME", "web01"}, {"COLLECTD_INTERVAL", "10.000"}};
    CHECK(lines_of("collectd", {}, collectd) == rewritten(put, as_collectd("10")));
    CHECK(lines_of("collectd", {"--host-tag", "none"}, collectd) == rewritten(put, as_collectd("10")));
    CHECK(lines_of("collectd", {"--interval", "0.5"}, collectd) == rewritten(put, as_collectd("0.500")));
    CHECK_THAT(lines_of("collectd", {"--host-tag", "db/1"}, collectd).front(),
               Catch::Matchers::StartsWith("PUTVAL \"db~1/tickertape-proc.num_processes/gauge-state="));
    CHECK(lines_of("put", {"--hostname", "web01"}, collectd) == put);
}

TEST_CASE("A wrong format or a wrong interval of collectd ends a collector at its start") {
    CHECK(numprocesses({"--format", "influxdb"}).err ==
          "numprocesses: --format: 'influxdb' is no format; perhaps influx is meant; there are auto, put, tcollector, "
          "influx and collectd\n");
    const test::Result wrong = numprocesses({"--format", "collectd"}, {{"COLLECTD_INTERVAL", "often"}});
    CHECK(wrong.ended == test::Ended{.code = 2});
    CHECK_THAT(wrong.err, Catch::Matchers::StartsWith("numprocesses: COLLECTD_INTERVAL: 'often' is no duration"));
}

TEST_CASE("A collector whose lines go to telegraf or collectd ends when nobody reads them any more") {
    for (const std::string format : {"influx", "collectd"}) {
        CAPTURE(format);
        test::Process process{{.program = test::collector("numprocesses"), .arguments = {"--format", format}}};
        CHECK(process.out.read_line(test::at_some_time).has_value());
        process.out.close();
        CHECK(process.wait(test::at_some_time) == test::exit_0);
        CHECK(process.err.read_to_end(test::at_some_time).empty());
    }
}

TEST_CASE("An unchanged value goes to telegraf and collectd each time, because their databases would have gaps") {
    const auto lines = [](const std::string& format) {
        const test::Result result =
            test::run({.program = test::collector("numprocesses"),
                       .arguments = {"--proc-root", test::fixture("proc/plain").string(), "--now", "1700000000",
                                     "--for", "4", "--hostname", "h", "--format", format}});
        CHECK(result.ended == test::exit_0);
        return test::complete_lines(result.out).size();
    };
    constexpr std::size_t series = 9;
    CHECK(lines("put") == 2 * series); // the first and the last
    CHECK(lines("influx") == 5 * series);
    CHECK(lines("collectd") == 5 * series);
}

TEST_CASE("A real collectd takes every line of a collector that its plugin exec runs") {
    const fs::path root = collectd_root();
    if (!fs::exists(root / "usr/sbin/collectd")) {
        WARN("skipped: there is no collectd here (Debian: collectd-core, or TICKERTAPE_COLLECTD names its unpacked "
             "package)");
        return;
    }
    const test::TemporaryDirectory directory;
    const fs::path data = directory.path() / "csv";
    const fs::path notes = directory.path() / "notes";
    const fs::path script = write_noting_script(directory, "dfstat --format collectd --self-metrics 1", notes);
    const std::string user = ::geteuid() == 0 ? "nobody" : std::string{std::getenv("USER")};
    const fs::path config = directory.path() / "collectd.conf";
    std::ofstream{config} << "Hostname \"web01\"\nFQDNLookup false\nInterval 1\n"
                          << "BaseDir " << directory.path() << "\nPIDFile " << directory.path() / "pid" << "\n"
                          << "PluginDir " << root / "usr/lib/collectd" << "\n"
                          << "TypesDB " << root / "usr/share/collectd/types.db" << "\n"
                          << "LoadPlugin logfile\n<Plugin logfile>\n  LogLevel notice\n  File stderr\n</Plugin>\n"
                          << "LoadPlugin csv\n<Plugin csv>\n  DataDir " << data << "\n</Plugin>\n"
                          << "LoadPlugin exec\n<Plugin exec>\n"
                          << "  Exec \"" << user << "\" " << script << "\n"
                          << "  Exec \"" << user << "\" " << test::collector("numprocesses")
                          << " \"--format\" \"collectd\"\n</Plugin>\n";
    test::Process collectd{{.program = root / "usr/sbin/collectd",
                            .arguments = {"-f", "-C", config.string()},
                            .err = directory.path() / "log"}};
    const std::string running = "web01/tickertape-proc.num_processes/gauge-state=running";
    CHECK(test::eventually(
        [&] { return csv_values(data, running).size() >= 3 && complete_lines_in(notes).size() >= 20; }));
    collectd.signal(SIGTERM);
    CHECK(collectd.wait(test::at_some_time) == test::exit_0);
    const std::string log = test::contents_of(directory.path() / "log");
    INFO(log);
    CHECK(log.find("too old") == std::string::npos);
    CHECK(log.find("exec plugin") == std::string::npos);

    static const std::regex line{R"re(PUTVAL "([^"]*)" interval=1 ([0-9]+):([-0-9.e+]+))re"};
    const auto sent = complete_lines_in(notes);
    std::smatch last;
    REQUIRE(std::regex_match(sent.back(), last, line));
    std::size_t found = 0;
    for (const std::string& each : sent) {
        INFO(each);
        std::smatch match;
        REQUIRE(std::regex_match(each, match, line));
        if (match.str(2) == last.str(2)) {
            continue; // collectd may have ended before it read these
        }
        const auto values = csv_values(data, match.str(1));
        REQUIRE(values.contains(std::stod(match.str(2))));
        CHECK(values.at(std::stod(match.str(2))) == Approx(std::stod(match.str(3))).margin(1e-6));
        ++found;
    }
    CHECK(found > 0);
}

TEST_CASE("A real telegraf takes every line of a collector that its input execd runs") {
    const fs::path program = telegraf();
    if (program.empty()) {
        WARN("skipped: there is no telegraf here (in PATH, or TICKERTAPE_TELEGRAF names it)");
        return;
    }
    const test::TemporaryDirectory directory;
    const fs::path notes = directory.path() / "notes";
    const fs::path out = directory.path() / "out";
    const fs::path script =
        write_noting_script(directory, "ifstat --format influx --interval 200ms --self-metrics 1", notes);
    const fs::path config = directory.path() / "telegraf.conf";
    std::ofstream{config} << "[agent]\n  interval = \"1s\"\n  flush_interval = \"200ms\"\n  hostname = \"other\"\n"
                          << "[[inputs.execd]]\n  command = [" << script << "]\n  signal = \"none\"\n"
                          << "  data_format = \"influx\"\n"
                          << "[[outputs.file]]\n  files = [" << out << "]\n  data_format = \"influx\"\n";
    test::Process process{{.program = program,
                           .arguments = {"--config", config.string()},
                           .out = fs::path{"/dev/null"},
                           .err = directory.path() / "log"}};
    const bool came = test::eventually([&] { return complete_lines_in(out).size() >= 100; });
    process.signal(SIGTERM);
    CHECK(process.wait(test::at_some_time).has_value());
    INFO(test::contents_of(directory.path() / "log"));
    CHECK(came);
    const auto taken = complete_lines_in(out);
    const auto sent = complete_lines_in(notes);
    const std::set<std::string> known{taken.begin(), taken.end()};
    const std::string last = sent.back().substr(sent.back().rfind(' '));
    std::size_t found = 0;
    for (const std::string& each : sent) {
        INFO(each);
        if (!each.ends_with(last)) { // telegraf may have ended before it read these
            CHECK(known.contains(each));
            ++found;
        }
    }
    CHECK(found > 0);
}
