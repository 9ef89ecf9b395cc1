// SPDX-License-Identifier: MIT
// Real collectors whose kernel files vanish, or are forbidden, broken, slow or blocked for a while. Each affects only its own
// metrics.
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/host_collectors.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using test::at_some_time;
using test::HostCopy;

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A collector of differences needs numbers that grow. So each call sets later times of the CPUs and of the machine.
class GrowingHost {
public:
    void grow() {
        const std::string now = std::to_string(++calls_);
        put("stat", "cpu  " + now + " 0 0 " + now + " 0 0 0 0 0 0\n"); // some 20 ms, as long as next_line takes
        put("uptime", now + ".00 " + now + ".00\n");
    }
    /// While this file exists, `grow` does not touch the other file.
    void break_file(const std::string& name, const std::string& kind) {
        broken_ = name;
        const fs::path path = folder_.path() / name;
        const fs::path other = folder_.path() / "other";
        if (kind == "a folder") {
            fs::remove(path);
            fs::create_directory(path);
        } else if (kind == "gone") {
            fs::remove(path);
        } else { // by a rename, so that no reading gets half of it
            std::ofstream{other} << (kind == "empty" ? "" : "cpu  1 x\n1.0 y\n");
            fs::permissions(other, kind == "forbidden" ? fs::perms::none : fs::perms::all);
            fs::rename(other, path);
        }
    }
    void mend() {
        fs::remove(folder_.path() / broken_);
        broken_.clear();
    }
    [[nodiscard]] const fs::path& path() const { return folder_.path(); }

private:
    void put(const std::string& name, const std::string& text) const {
        if (name != broken_) {
            std::ofstream{folder_.path() / "next"} << text;
            fs::rename(folder_.path() / "next", folder_.path() / name);
        }
    }

    test::TemporaryDirectory folder_;
    std::string broken_;
    int calls_ = 0;
};

/// Returns its next line, while the host's numbers grow.
std::string next_line(test::PipeEnd& pipe, GrowingHost& host) {
    std::optional<std::string> line;
    REQUIRE(test::eventually([&] {
        host.grow();
        line = pipe.read_line(20ms);
        return line || pipe.at_end();
    }));
    return line.value_or("the end");
}

std::int64_t now_in_ms() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()).time_since_epoch().count();
}

/// Returns the time of a put line, in seconds with milliseconds; 0 for no line.
std::int64_t time_in_ms(const std::string& line) {
    const std::size_t time = line.find(' ', line.find(' ') + 1);
    return time == std::string::npos ? 0 : std::stoll(line.substr(time));
}

/// Returns how often each metric of `collector` on `host` was seen, once `enough` is true for these counts. Then ends it by TERM.
template <class Enough>
std::map<std::string, int> seen_until(test::Process& collector, const Enough& enough) {
    std::map<std::string, int> seen;
    while (!enough(seen)) {
        const auto line = collector.out.read_line(at_some_time);
        REQUIRE(line);
        ++seen[line->substr(4, line->find(' ', 4) - 4)];
    }
    collector.signal(SIGTERM);
    static_cast<void>(collector.out.read_to_end(at_some_time));
    CHECK(collector.wait(at_some_time) == test::exit_0);
    return seen;
}

/// Starts procstats on `host`, with an interval of a second.
test::Command procstats_on(const HostCopy& copy) {
    return {.program = test::collector("procstats"),
            .arguments = {"--proc-root", (copy.host() / "proc").string(), "--sys-root", (copy.host() / "sys").string(),
                          "--interval", "1", "--dedup", "0"}};
}

} // namespace

TEST_CASE(
    "A kernel file that is gone, forbidden or broken for a while loses only those readings, and ends no collector") {
    const std::map<std::string, std::string> file_of{{"sarcpu", "stat"}, {"uptime", "uptime"}};
    for (const auto& [name, file] : file_of) {
        for (const std::string kind : {"gone", "forbidden", "a folder", "empty", "broken"}) {
            CAPTURE(name, kind);
            GrowingHost host;
            host.grow();
            test::Process collector{{.program = test::collector(name),
                                     .arguments = {"--proc-root", host.path().string(), "--interval", "0.1",
                                                   "--granularity", "100ms", "--timespan", "100ms", "--dedup", "0"}}};
            CHECK(next_line(collector.out, host).starts_with("put "));
            host.break_file(file, kind);
            std::string line;
            while (line != "the end" && line.find((host.path() / file).string()) == std::string::npos) {
                line = next_line(collector.err, host);
            }
            host.mend();
            const std::int64_t mended = now_in_ms();
            line = line == "the end" ? line : "";
            while (line != "the end" && time_in_ms(line) < mended) {
                line = next_line(collector.out, host);
            }
            CHECK(line.starts_with("put "));
            collector.signal(SIGTERM);
            static_cast<void>(collector.out.read_to_end(at_some_time));
            CHECK(collector.wait(at_some_time) == test::exit_0);
        }
    }
}

TEST_CASE("A blocked file loses only its own metrics, and the collector still ends") {
    const HostCopy copy;
    fs::remove(copy.host() / "proc/loadavg");
    REQUIRE(mkfifo((copy.host() / "proc/loadavg").c_str(), 0644) == 0); // without a writer its reader waits
    test::Process procstats{procstats_on(copy)};
    const auto seen = seen_until(procstats, [](auto& so_far) { return so_far["proc.uptime.total"] == 3; });
    CHECK(seen.at("proc.stat.ctxt") >= 2);
    CHECK_FALSE(seen.contains("proc.loadavg.1min"));
    CHECK(procstats.err.read_to_end(at_some_time).find("'loadavg': reading takes more than") != std::string::npos);
}

TEST_CASE("Speeds of CPUs that take long are read less often, and all others in each run") {
    const HostCopy copy;
    const fs::path folder = copy.host() / "sys/devices/system/cpu/cpu0/cpufreq";
    fs::create_directories(folder);
    std::ofstream{folder / "scaling_cur_freq"} << "1000000\n";
    test::Command command = procstats_on(copy);
    command.environment = {{"LD_PRELOAD", TICKERTAPE_READ},
                           {"READ_IS_SLOW_ON", "scaling_cur_freq"},
                           {"ASAN_OPTIONS", "verify_asan_link_order=0"}};
    test::Process procstats{command};
    // A reading takes at least 0.3 s. After it the table rests for nine times as long.
    const auto seen = seen_until(procstats, [](auto& so_far) { return so_far["proc.scaling.cur"] == 2; });
    CHECK(seen.at("proc.uptime.total") >= 3);
    CHECK(seen.at("proc.stat.ctxt") >= 3);
    CHECK(procstats.err.read_to_end(at_some_time).find("'cpufreq': reading takes more than") != std::string::npos);
}
