// SPDX-License-Identifier: MIT
// `tickertape agent` when the directory of the programs hangs, as on a file server that is away.
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <support/agent_install.hpp>
#include <support/catch.hpp>
#include <support/lease.hpp>
#include <support/process.hpp>

namespace {

using Catch::Matchers::ContainsSubstring;
using test::end;
using test::said;

namespace fs = std::filesystem;

/// An agent with a program that writes m ten times a second. Its directory hangs while the file `away` exists.
struct Install : test::AgentWithTsd {
    Install() { script("0/a", "i=0; while :; do echo m $((1700000000 + i)) $i; i=$((i + 1)); sleep 0.1; done"); }

    [[nodiscard]] test::Process run() const {
        return start({tsd.address(), "--no-tcollector-stats"},
                     {{"LD_PRELOAD", TICKERTAPE_OPENDIR},
                      {"OPENDIR_HANGS_ON", fs::canonical(root()) / "collectors"},
                      {"OPENDIR_HANGS_WHILE", root() / "away"},
                      {"ASAN_OPTIONS", "verify_asan_link_order=0"}});
    }
    /// Waits for points that are sent from now on; returns false if none come.
    [[nodiscard]] bool goes_on() const { return tsd.wait_for(tsd.stored() + 10); }
};

} // namespace

TEST_CASE("agent: while its directory hangs, programs run, --status answers, and a message reports it once") {
    const Install install;
    test::Process agent = install.run();
    REQUIRE(install.tsd.wait_for(1));
    install.directory.write("away", "");
    install.script("0/b", "echo n 1700000000 1; exec sleep 1000");
    agent.signal(SIGHUP); // scans the directory at once
    CHECK(said(agent, "has not answered for "));
    CHECK(install.goes_on());
    CHECK(install.status_says("running"));
    fs::remove(install.root() / "away");
    const auto next = agent.err.read_line(test::at_some_time);
    CHECK_THAT(next.value_or(""), ContainsSubstring("answers again"));
    CHECK(install.sends("put n ", " host=h"));
    end(agent);
}

TEST_CASE("agent: SIGTERM ends it while its directory hangs, with all points sent") {
    const Install install;
    test::Process agent = install.run();
    REQUIRE(install.tsd.wait_for(1));
    install.directory.write("away", "");
    agent.signal(SIGHUP);
    CHECK(install.goes_on());
    CHECK_THAT(end(agent), ContainsSubstring("all is sent: "));
}

TEST_CASE("agent: the file of a program that hangs stops no program that runs") {
    const Install install;
    test::Process agent = install.run();
    REQUIRE(install.tsd.wait_for(1));
    install.script("later/b", "echo n 1700000000 1; exec sleep 1000");
    {
        const test::Lease lease{install.root() / "collectors/later/b"};
        fs::rename(install.root() / "collectors/later/b", install.root() / "collectors/0/b");
        agent.signal(SIGHUP);
        REQUIRE(install.status_says("b  "));
        CHECK(install.goes_on());
        CHECK(install.status_says("waiting"));
    }
    CHECK(install.sends("put n ", " host=h"));
    end(agent);
}
