// SPDX-License-Identifier: MIT
// The number and the names of a collector's threads in normal work.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/eventually.hpp>
#include <support/process.hpp>
#include <support/under_tcollector.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

namespace {

using tickertape::testkit::FakeTsd;
using Names = std::vector<std::string>;

Names threads_of(const test::Process& process) {
    Names names;
    for (const auto& task : std::filesystem::directory_iterator{"/proc/" + std::to_string(process.id()) + "/task"}) {
        std::ifstream file{task.path() / "comm"};
        std::getline(file, names.emplace_back());
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

TEST_CASE("A collector with counters has four threads, each with a name of its own") {
    test::UnderTcollector started{
        test::collector("numprocesses"),
        {"--timespan", "1", "--self-metrics", "1", "--proc-root", TICKERTAPE_SOURCE_DIR "/tests/fixtures/proc/plain"}};
    // Counted once it has written its counters and its self-metrics.
    bool counters = false;
    bool itself = false;
    while (!counters || !itself) {
        const auto line = started.tcollector.out.read_line(test::at_some_time);
        REQUIRE(line);
        itself |= line->starts_with("tickertape.up ");
        counters |= line->starts_with("proc.");
    }
    CHECK(threads_of(started.collector) == Names{"numprocesses", "tt-dump", "tt-pulse", "tt-supervisor"});
}

TEST_CASE("A collector that pushes has six threads, each with a name of its own") {
    const auto [scheme, sender] = GENERATE(std::pair<std::string, std::string>{"tsd://", "tt-push"},
                                           std::pair<std::string, std::string>{"http://", "tt-push-http"});
    const FakeTsd tsd;
    test::Process collector{{.program = test::collector("numprocesses"),
                             .arguments = {"--timespan", "1", "--self-metrics", "1", "--tsd", scheme + tsd.address(),
                                           "--proc-root", TICKERTAPE_SOURCE_DIR "/tests/fixtures/proc/plain"}}};
    const auto has = [&tsd](const std::string& metric) {
        const std::vector<std::string> lines = tsd.lines();
        return std::any_of(lines.begin(), lines.end(),
                           [&](const std::string& line) { return line.find(metric) != std::string::npos; });
    };
    REQUIRE(test::eventually([&] { return has("proc.") && has("tickertape.up"); }));
    CHECK(threads_of(collector) == Names{"numprocesses", "tt-dump", "tt-pulse", sender, "tt-queue", "tt-supervisor"});
}
