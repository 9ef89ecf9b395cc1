// SPDX-License-Identifier: MIT
// What tcollector demands of the lines of the host collectors, over ten minutes on a large host.
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/host_collectors.hpp"
#include "support/tcollector_model.hpp"

TEST_CASE("tcollector takes each line of ten minutes of the host collectors, and sends each series on") {
    const auto host = test::fixture("hosts/large");
    for (const test::HostCollector& collector : test::host_collectors()) {
        CAPTURE(collector.name);
        const std::vector<std::string> arguments{"--format", "tcollector", "--tag", "zone=b"};
        auto ten_minutes = arguments;
        ten_minutes.insert(ten_minutes.end(), {"--now", "1700000000", "--for", "600"});
        const test::Result result = test::run_on(host, collector, ten_minutes);
        CHECK(result.ended == test::exit_0);
        CHECK((collector.name == "dfstat" || result.err.empty())); // it says which mount is gone
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
