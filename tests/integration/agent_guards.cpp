// SPDX-License-Identifier: MIT
// `tickertape agent` in unusual conditions: a second agent, an agent that hangs, signals at the wrong time.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <support/agent_install.hpp>
#include <support/catch.hpp>
#include <support/process.hpp>

namespace {

using Catch::Matchers::ContainsSubstring;
using test::at_some_time;
using test::end;
using test::said;
using Install = test::AgentWithTsd;

} // namespace

TEST_CASE("agent: a second agent with the same socket or pid file does not start") {
    const Install install;
    install.script("0/a", "echo m 1700000000 1; exec sleep 1000");
    const std::string file = install.root() / "agent.pid";
    test::Process first = install.run({"-P", file});
    REQUIRE(install.tsd.wait_for(1));
    CHECK(test::eventually([&] { return test::contents_of(file) == std::to_string(first.id()) + "\n"; }));

    test::Process same_socket = install.start({install.tsd.address()});
    CHECK_THAT(same_socket.err.read_to_end(at_some_time), ContainsSubstring("another agent runs, and answers at"));
    CHECK(same_socket.wait(at_some_time) == test::Ended{.code = 1});

    const Install other;
    test::Process same_file = other.start({install.tsd.address(), "-P", file});
    CHECK(same_file.err.read_to_end(at_some_time) ==
          "tickertape: another agent runs, and has the pid file '" + file + "'\n");
    CHECK(same_file.wait(at_some_time) == test::Ended{.code = 1});
    CHECK(test::contents_of(file) == std::to_string(first.id()) + "\n");
    end(first);

    test::Process next = install.run({"--dedup", "0", "-P", file});
    CHECK(install.tsd.wait_for(2)); // the files that the first one left do not matter
    end(next);
}

TEST_CASE("agent: --status of a stopped agent fails after a while, and no new agent starts with its socket") {
    const Install install;
    test::Process agent = install.run();
    REQUIRE(install.status_says("up "));
    agent.signal(SIGSTOP);
    const test::Result asked = install.status();
    CHECK(asked.ended == test::Ended{.code = 1});
    CHECK_THAT(asked.err, ContainsSubstring("does not answer"));
    test::Process other = install.start({install.tsd.address()});
    CHECK(other.wait(at_some_time) == test::Ended{.code = 1});
    agent.signal(SIGCONT);
    end(agent);
}

TEST_CASE("agent: the status socket is for its owner and group") {
    const Install install;
    test::Process agent = install.run();
    REQUIRE(install.status_says("up "));
    using std::filesystem::perms;
    CHECK(std::filesystem::status(install.socket()).permissions() ==
          (perms::owner_read | perms::owner_write | perms::group_read | perms::group_write));
    end(agent);
}

TEST_CASE("agent: HUP while it ends only reopens the log") {
    const Install install;
    install.script("0/stubborn", "trap '' TERM\necho m 1700000000 1\nwhile :; do sleep 0.1; done");
    test::Process agent = install.run();
    REQUIRE(install.tsd.wait_for(1));
    agent.signal(SIGTERM);
    REQUIRE(said(agent, "the agent ends on signal 15"));
    agent.signal(SIGHUP);
    const std::string rest = agent.err.read_to_end(at_some_time);
    CHECK(agent.wait(at_some_time) == test::exit_0);
    CHECK_THAT(rest, ContainsSubstring("it has not ended within 4 s") && !ContainsSubstring("read again"));
}

TEST_CASE("agent: after HUP points about itself have the new tags, and order is checked as before") {
    const Install install;
    install.directory.write("agent.conf", "tag = pool=old\n");
    test::Process agent = install.start({install.tsd.address(), "--self-metrics", "1"});
    REQUIRE(install.tsd.wait_for(1));
    install.directory.write("agent.conf", "tag = pool=new\ndedup = 0\n");
    install.script("0/a", "echo m 1700000000 1; echo m 1700000000 2; exec sleep 1000");
    agent.signal(SIGHUP);
    CHECK(install.sends("put tickertape.agent.up ", " pool=new"));
    CHECK(install.status_says("refused: 1 out of order"));
    end(agent);
}

TEST_CASE("agent: totals do not go down when a program is gone") {
    const Install install;
    install.script("0/a", "echo m 1700000000 1; echo m 1700000001 2; exec sleep 1000");
    test::Process agent = install.start({install.tsd.address(), "--self-metrics", "1"});
    const auto last = [&](std::string_view metric, int value) {
        return test::eventually([&] {
            const std::vector<double> found = test::values_of(install.tsd, metric);
            return !found.empty() && found.back() == value;
        });
    };
    CHECK(last("tickertape.agent.lines", 2));
    std::filesystem::remove(install.root() / "collectors/0/a");
    agent.signal(SIGHUP);
    CHECK(last("tickertape.agent.children", 0));
    end(agent);
    const std::vector<double> lines = test::values_of(install.tsd, "tickertape.agent.lines");
    CHECK(std::is_sorted(lines.begin(), lines.end()));
}

TEST_CASE("agent: points about itself come at most once a second") {
    const Install install;
    test::Process agent = install.start({"localhost:1", "--self-metrics", "500ms"});
    CHECK(agent.err.read_to_end(at_some_time) == "tickertape: --self-metrics must be 0, or at least 1 s\n");
    CHECK(agent.wait(at_some_time) == test::Ended{.code = 2});
}
