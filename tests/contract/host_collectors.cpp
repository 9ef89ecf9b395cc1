// SPDX-License-Identifier: MIT
// What tcollector demands of the lines of the host collectors, over ten minutes on a large host.
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/process.hpp"
#include "support/tcollector_model.hpp"

TEST_CASE("tcollector takes each line of ten minutes of the host collectors, and sends each series on") {
    const std::string host = test::fixture("hosts/large").string();
    for (const std::string name :
         {"diskburst", "ifstat", "iostat", "netburst", "netfilter", "netstat", "pressure", "procnettcp", "procstats"}) {
        CAPTURE(name);
        std::vector<std::string> arguments{"--proc-root", host + "/proc", "--format", "tcollector", "--now",
                                           "1700000000",  "--for",        "600",      "--tag",      "zone=b"};
        if (name == "diskburst" || name == "iostat" || name == "procstats") {
            arguments.insert(arguments.end(), {"--sys-root", host + "/sys"});
        }
        const test::Result result =
            test::run({.program = test::collector(name), .arguments = arguments}, std::chrono::seconds{120});
        CHECK(result.ended == test::exit_0);
        CHECK(result.err.empty());
        test::TcollectorModel model;
        for (const std::string& line : test::complete_lines(result.out)) {
            model.process_line(line);
        }
        CHECK(model.invalid() == 0);
        CHECK(model.lines() > 0);
        const test::Result once = test::run({.program = test::collector(name),
                                             .arguments =
                                                 [&] {
                                                     auto more = arguments;
                                                     more.emplace_back("--once");
                                                     return more;
                                                 }()},
                                            std::chrono::seconds{120});
        CHECK(model.forwarded().size() == test::complete_lines(once.out).size());
    }
}
