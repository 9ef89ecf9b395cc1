// SPDX-License-Identifier: MIT
// `tickertape agent --import`: settings in Python become agent.conf.
#include <filesystem>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/process.hpp>
#include <support/temporary_directory.hpp>

namespace {

using Catch::Matchers::ContainsSubstring;

test::Result agent(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "agent");
    return test::run({.program = test::collector("tickertape"), .arguments = std::move(arguments)});
}

} // namespace

TEST_CASE("agent: --import runs tcollector's settings once, writes them, and names those that it cannot carry over") {
    if (!std::filesystem::exists("/usr/bin/python3")) {
        WARN("skipped: there is no python3");
        return;
    }
    const test::TemporaryDirectory install;
    const std::string collectors = install.path() / "collectors";
    const std::string config = install.path() / "made" / "agent.conf"; // as /etc/tickertape
    install.write("empty.conf", "");
    install.write("collectors/__init__.py", "");
    install.write("collectors/etc/__init__.py", "");
    install.write("collectors/etc/config.py", "def onload(options, tags):\n"
                                              "    tags['pool'] = 'p-' + options.host\n"
                                              "    options.host = 'tsd1'\n"
                                              "    options.dedupinterval = 0\n"
                                              "    options.evictinterval = 7000\n"
                                              "def get_defaults():\n"
                                              "    return {'host': 'first', 'http': True, 'tags': ['a=b']}\n");
    install.write("collectors/0/program", "#!/bin/sh\n");
    const std::vector<std::string> common{"-c", collectors, "--config", install.path() / "empty.conf"};
    std::vector<std::string> arguments = common;
    arguments.insert(arguments.end(), {"--import", config});
    const test::Result imported = agent(arguments);
    CAPTURE(imported.err);
    REQUIRE(imported.ended == test::exit_0);
    const std::string text = test::contents_of(config);
    CHECK_THAT(text, ContainsSubstring("\nhost = tsd1\n") && ContainsSubstring("\nhttp = true\n") &&
                         ContainsSubstring("\ndedup = 0\n") && ContainsSubstring("\ntag = a=b\ntag = pool=p-first\n"));
    CHECK_THAT(text, ContainsSubstring("# evictinterval = 7000 is not carried over"));
    CHECK_THAT(agent(arguments).err, ContainsSubstring("File exists"));

    const test::Result checked = agent({"--config", config, "--check", "--host-tag", "h", "--line", "m 1700000000 1"});
    CHECK_THAT(checked.out, ContainsSubstring("target http://tsd1:4242/api/put\n") &&
                                ContainsSubstring("becomes put m 1700000000 1 a=b host=h pool=p-first\n"));
}
