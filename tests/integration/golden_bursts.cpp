// SPDX-License-Identifier: MIT
// netburst and diskburst on a second of a real host, recorded every 100 ms (tests/fixtures/bursts).
#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/fed_file.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct Burst {
    std::string collector;
    std::string file;    ///< the file, below proc
    std::string fixture; ///< below bursts: a file for each sample
};

const std::vector<Burst>& bursts() {
    static const std::vector<Burst> all{{"netburst", "net/dev", "net_dev"}, {"diskburst", "diskstats", "diskstats"}};
    return all;
}

std::vector<std::string> recorded(const Burst& burst) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator{test::fixture("bursts/" + burst.fixture)}) {
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<std::string> texts;
    for (const fs::path& file : files) {
        texts.push_back(test::contents_of(file));
    }
    return texts;
}

/// Returns the output of the collector for the recorded files in order. The flags give the distance of samples.
test::Result run(const Burst& burst, const std::vector<std::string>& texts, std::vector<std::string> flags) {
    const test::TemporaryDirectory host;
    fs::create_directories(host.path() / "sys");
    const test::FedFile fed{host.path() / "proc" / burst.file, texts};
    flags.insert(flags.end(), {"--proc-root", (host.path() / "proc").string(), "--now", "1700000000", "--hostname",
                               "golden", "--dedup", "0"});
    if (burst.collector == "diskburst") {
        flags.insert(flags.end(), {"--sys-root", (host.path() / "sys").string()});
    }
    return test::run({.program = test::collector(burst.collector), .arguments = flags}, 120s);
}

/// Returns the values of each series in their order.
std::map<std::string, std::vector<std::uint64_t>> values_in(const std::string& out) {
    std::map<std::string, std::vector<std::uint64_t>> values;
    for (const std::string& line : test::complete_lines(out)) {
        std::istringstream words{line};
        std::string put;
        std::string metric;
        std::string stamp;
        std::uint64_t value = 0;
        std::string tags;
        words >> put >> metric >> stamp >> value;
        std::getline(words, tags);
        INFO(line);
        CHECK(words);
        values[metric + tags].push_back(value);
    }
    return values;
}

} // namespace

TEST_CASE(
    "netburst and diskburst print their golden files for a second of samples, in seconds and in tcollector's form") {
    for (const Burst& burst : bursts()) {
        CAPTURE(burst.collector);
        for (const std::string form : {"put", "tcollector"}) {
            const test::Result result = run(burst, recorded(burst), {"--once", "--format", form});
            CHECK(result.ended == test::exit_0);
            CHECK(result.err.empty());
            test::check_golden(burst.collector + "/second-" + form + ".golden", result.out);
        }
    }
}

TEST_CASE("netburst and diskburst print their golden files for each sample, in milliseconds") {
    for (const Burst& burst : bursts()) {
        CAPTURE(burst.collector);
        // The first sample is taken at the start. Ten follow; the last of them ends the second.
        const test::Result result = run(burst, recorded(burst), {"--ms", "--for", "1"});
        CHECK(result.ended == test::exit_0);
        CHECK(result.err.empty());
        test::check_golden(burst.collector + "/milliseconds.golden", result.out);
    }
}

TEST_CASE("The throughput of netburst and diskburst in a second matches the bytes that they count sample by sample") {
    for (const Burst& burst : bursts()) {
        for (const int every : {100, 10}) { // the same files, as if recorded ten times as fast
            CAPTURE(burst.collector, every);
            const std::string looks = std::to_string(every) + "ms";
            const auto each = values_in(
                run(burst, recorded(burst), {"--ms", "--every", looks, "--for", every == 100 ? "1" : "0.1"}).out);
            const auto second = values_in(
                run(burst, recorded(burst), {"--once", "--every", looks, "--interval", every == 100 ? "1" : "100ms"})
                    .out);
            REQUIRE_FALSE(each.empty());
            std::size_t told = 0;
            for (const auto& [series, values] : each) {
                CAPTURE(series);
                REQUIRE(values.size() == 10);
                const std::size_t end = series.find(' ');
                std::vector<std::uint64_t> sorted = values;
                std::sort(sorted.begin(), sorted.end());
                const auto wanted = [&, &series = series](const std::string& name, std::size_t index) {
                    const auto found = second.find(series.substr(0, end) + name + series.substr(end));
                    REQUIRE(found != second.end());
                    CHECK(found->second == std::vector{sorted[index] * 1000 / static_cast<std::uint64_t>(every)});
                    ++told;
                };
                wanted(".max", 9);
                wanted(".median", 4);
                if (every == 10) {
                    wanted(".p99", 9);
                }
            }
            CHECK(told == second.size());
        }
    }
}

TEST_CASE("netburst and diskburst count all bytes between the first and the last sample, and no partitions") {
    const auto net = values_in(run(bursts()[0], recorded(bursts()[0]), {"--ms", "--for", "1"}).out);
    const auto sum = [](const std::vector<std::uint64_t>& values) {
        std::uint64_t all = 0;
        for (const std::uint64_t value : values) {
            all += value;
        }
        return all;
    };
    // The numbers of the first and the last file.
    CHECK(sum(net.at("proc.net.burst.bytes direction=in host=golden iface=lo")) == 80169704 - 79941224);
    const auto disk = values_in(run(bursts()[1], recorded(bursts()[1]), {"--ms", "--for", "1"}).out);
    CHECK(sum(disk.at("iostat.burst.bytes dev=vda direction=write host=golden")) ==
          std::uint64_t{20090008 - 20083064} * 512);
    CHECK(disk.size() == 2); // loop devices and zram0 were never used
}

TEST_CASE(
    "netburst and diskburst refuse sample intervals that do not divide a second or an interval, and name the flag") {
    for (const Burst& burst : bursts()) {
        const auto refused = [&](std::vector<std::string> flags) {
            flags.emplace_back("--once");
            const test::Result result = test::run({.program = test::collector(burst.collector), .arguments = flags});
            CHECK(result.ended == test::Ended{.code = 2});
            CHECK(result.out.empty());
            return result.err;
        };
        CHECK(refused({"--every", "30ms"}) ==
              burst.collector + ": --every: '30ms' does not divide a second, as 10ms, 100ms and 0.5 do\n");
        CHECK(refused({"--interval", "250ms"}) ==
              burst.collector + ": --interval: '0.25' is no multiple of --every, 0.1 s\n");
    }
}
