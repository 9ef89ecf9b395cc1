// SPDX-License-Identifier: MIT
// tcollector's rules for the lines of the host collectors, over ten minutes on a large host.
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/host_collectors.hpp"
#include "support/line_sums.hpp"
#include "support/process.hpp"
#include "support/tcollector_model.hpp"
#include "support/under_tcollector.hpp"

TEST_CASE("tcollector takes each line of ten minutes of the host collectors, and sends each series on") {
    const auto host = test::fixture("hosts/large");
    for (const test::HostCollector& collector : test::host_collectors()) {
        CAPTURE(collector.name);
        const std::vector<std::string> arguments{"--format", "tcollector", "--tag", "zone=b"};
        auto ten_minutes = arguments;
        ten_minutes.insert(ten_minutes.end(), {"--now", "1700000000", "--for", "600"});
        const test::Result result = test::run_on(host, collector, ten_minutes);
        CHECK(result.ended == test::exit_0);
        CHECK((collector.name == "dfstat" || result.err.empty())); // it reports the missing mount
        test::TcollectorModel model;
        for (const std::string& line : test::complete_lines(result.out)) {
            model.process_line(line);
        }
        CHECK(model.invalid() == 0);
        CHECK(model.lines() > 0);
        const test::Result once = test::run_once_on(host, collector, arguments);
        CHECK(model.forwarded().size() == test::complete_lines(once.out).size());
    }
}

TEST_CASE("Started by tcollector, netburst samples every 10 ms and writes whole seconds, in tcollector's form") {
    test::UnderTcollector pair{
        test::collector("netburst"),
        {"--every", "10ms", "--dedup", "0", "--proc-root", test::fixture("hosts/vm/proc").string()}};
    test::TcollectorModel model;
    std::string out;
    while (model.lines() < 20) {
        const std::string line = pair.tcollector.out.read_line(std::chrono::seconds{60}).value_or("");
        REQUIRE_FALSE(line.empty());
        model.process_line(line);
        out += line + "\n";
    }
    CHECK(model.invalid() == 0);
    for (const auto& [series, its] : test::points_in(out, false)) {
        CAPTURE(series);
        CHECK((series.starts_with("proc.net.burst.bytes.") || series.starts_with("tickertape.")));
        CHECK(its.stamps_increase());
        CHECK(its.stamps.back() < 10'000'000'000); // of ten digits
        CHECK((series.starts_with("tickertape.") || its.sum() == 0));
    }
    pair.collector.signal(SIGTERM);
    pair.tcollector.out.read_to_end(std::chrono::seconds{60});
}
