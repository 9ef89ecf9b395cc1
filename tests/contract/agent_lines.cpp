// SPDX-License-Identifier: MIT
// The lines of a collector that `tickertape agent` forwards, compared with those that tcollector forwards.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/seed.hpp"
#include "support/tcollector_model.hpp"
#include "support/temporary_directory.hpp"

namespace {

using test::at_some_time;

/// Makes lines of several series with steps of up to ten minutes, with runs of equal values, and lines that both refuse.
std::vector<std::string> random_lines(test::Random& random) {
    const std::vector<std::string> series{"a", "b", "c x=1", "c x=2", "d/e-f_g.h k=v y=z"};
    const std::vector<std::string> bad{
        "nonsense", "# comment",      "m 1700000000 1 k=a:b", "m 1700000000 1 k=", "\xc3\xa9 1700000000 1",
        "m x 1",    "a 1000000000 1", std::string(1'100, 'x')};
    std::vector<std::uint64_t> stamps(series.size(), 1'700'000'000);
    std::vector<std::uint64_t> values(series.size(), 0);
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < series.size(); ++i) { // afterwards `a 1000000000` is older than its series
        lines.push_back(series[i].substr(0, series[i].find(' ')) + " " + std::to_string(stamps[i]) + " 0" +
                        (series[i].find(' ') == std::string::npos ? "" : series[i].substr(series[i].find(' '))));
    }
    for (int i = 0; i < 3'000; ++i) {
        if (test::once_in(random, 20)) {
            lines.push_back(bad[test::up_to(random, bad.size() - 1)]);
            continue;
        }
        const std::size_t which = test::up_to(random, series.size() - 1);
        stamps[which] += 1 + test::up_to(random, test::once_in(random, 10) ? 600U : 20U);
        values[which] = test::once_in(random, 4) ? test::up_to(random, 3U) : values[which];
        const std::size_t blank = std::min(series[which].find(' '), series[which].size());
        lines.push_back(series[which].substr(0, blank) + " " + std::to_string(stamps[which]) + " " +
                        std::to_string(values[which]) + series[which].substr(blank));
    }
    return lines;
}

/// Returns the output of `tickertape agent --dry-run` for a collector that writes these lines.
std::vector<std::string> through_agent(const std::vector<std::string>& lines) {
    const test::TemporaryDirectory directory;
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    directory.write("lines", text);
    directory.write("agent.conf", "");
    directory.write("collectors/0/writes",
                    "#!/bin/sh\ncat " + (directory.path() / "lines").native() + "\necho done >&2\nexec sleep 1000\n");
    std::filesystem::permissions(directory.path() / "collectors/0/writes", std::filesystem::perms::owner_all);
    const std::string printed = directory.path() / "printed";
    test::Process agent{
        {.program = test::collector("tickertape"),
         .arguments = {"agent", "-c", (directory.path() / "collectors").native(), "--config",
                       (directory.path() / "agent.conf").native(), "-d", "--host-tag", "h", "--no-tcollector-stats",
                       "--status-socket", (directory.path() / "s.sock").native()},
         .out = std::filesystem::path{printed}}};
    while (const auto line = agent.err.read_line(at_some_time)) {
        if (line->find("writes: done") != std::string::npos) {
            break;
        }
    }
    agent.signal(SIGTERM);
    static_cast<void>(agent.err.read_to_end(at_some_time));
    CHECK(agent.wait(at_some_time) == test::exit_0);
    std::vector<std::string> all = test::complete_lines(test::contents_of(printed));
    for (std::string& line : all) {
        CHECK(line.starts_with("put "));
        line.erase(0, 4);
        const std::size_t host = line.find(" host=h");
        CHECK(host != std::string::npos);
        line.erase(host, 7);
    }
    return all;
}

} // namespace

TEST_CASE("The agent forwards the lines that tcollector forwards, and at its end its held lines") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const std::vector<std::string> lines = random_lines(random);
    test::TcollectorModel model;
    for (const std::string& line : lines) {
        model.process_line(line);
    }
    std::multiset<std::string> theirs;
    for (const auto& [series, forwarded] : model.forwarded()) {
        theirs.insert(forwarded.begin(), forwarded.end());
    }
    const std::vector<std::string> sent = through_agent(lines);
    const std::set<std::string> ours{sent.begin(), sent.end()};
    CHECK(ours.size() == sent.size()); // tcollector sends some points twice before a change
    for (const std::string& line : theirs) {
        CAPTURE(line);
        CHECK(ours.contains(line));
    }
    std::size_t only_ours = 0;
    for (const std::string& line : ours) {
        only_ours += theirs.contains(line) ? 0U : 1U;
    }
    CHECK(only_ours <= model.forwarded().size());
    CHECK(model.invalid() > 50);
}
