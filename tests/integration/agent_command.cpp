// SPDX-License-Identifier: MIT
// `tickertape agent` with real children and a TSD.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include <support/agent_install.hpp>
#include <support/catch.hpp>
#include <support/free_port.hpp>
#include <support/process.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::at_some_time;
using test::end;
using test::said;
using tickertape::testkit::FakeTsd;
using Install = test::AgentWithTsd;

namespace fs = std::filesystem;

bool has_line(const FakeTsd& tsd, std::string_view line) {
    const auto lines = tsd.lines();
    return std::find(lines.begin(), lines.end(), line) != lines.end();
}

/// Returns whether a process still runs. A zombie does not: this test program waits for the orphans of the agent.
bool is_alive(pid_t id) {
    const std::string stat = test::contents_of("/proc/" + std::to_string(id) + "/stat");
    return !stat.empty() && stat.compare(stat.rfind(')'), 3, ") Z") != 0;
}

} // namespace

TEST_CASE("agent: lines of programs in any language reach the TSD, with the host tag and the requested tags") {
    const Install install;
    install.script("0/long", "echo m.long 1700000000 1; echo m.long 1700000001 2 a=b; exec sleep 1000");
    install.script("15/short", "echo m.short 1700000000 3");
    install.directory.write("collectors/0/no_program", "echo m.none 1700000000 4\n");
    test::Process agent = install.run({"-t", "pool=p"});
    CHECK(install.tsd.wait_for(3));
    CHECK_THAT(end(agent), ContainsSubstring("all is sent: 3 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped"));
    CHECK(has_line(install.tsd, "put m.long 1700000000 1 host=h pool=p"));
    CHECK(has_line(install.tsd, "put m.long 1700000001 2 a=b host=h pool=p"));
    CHECK(has_line(install.tsd, "put m.short 1700000000 3 host=h pool=p"));
}

TEST_CASE("agent: a program starts as under tcollector: its own session, pipes, the root as directory, no arguments") {
    const Install install;
    fs::create_directories(install.root() / "collectors" / "lib");
    install.script("0/looks", R"sh(
[ -d collectors/lib ] && echo m.directory 1700000000 1
[ $# = 0 ] && echo m.arguments 1700000000 1
[ -p /dev/fd/1 ] && [ -p /dev/fd/2 ] && echo m.pipes 1700000000 1
[ ! -e /proc/$$/fd/3 ] && echo m.descriptors 1700000000 1
read -r _ _ _ _ group session rest < /proc/$$/stat
[ "$group" = $$ ] && [ "$session" = $$ ] && echo m.session 1700000000 1
read -r line || echo m.stdin 1700000000 1
case $PYTHONPATH in *)sh" + install.root().native() +
                                  R"sh(*) echo m.pythonpath 1700000000 1;; esac
exec sleep 1000)sh");
    test::Process agent = install.run();
    CHECK(install.tsd.wait_for(7));
    end(agent);
}

TEST_CASE("agent: SIGTERM ends the children with their groups, first by TERM and then by KILL, and their last lines "
          "are sent") {
    const Install install;
    install.script(
        "0/polite",
        "trap 'echo m.last 1700000001 2; exit 0' TERM\necho m.id 1700000000 $$\nwhile :; do sleep 0.1; done");
    install.script("0/stubborn",
                   "trap '' TERM\nsh -c \"trap '' TERM; while :; do sleep 1; done\" &\necho m.stubborn 1700000000 $$\n"
                   "echo m.grandchild 1700000000 $!\nwhile :; do sleep 1; done");
    test::Process agent = install.run();
    REQUIRE(install.tsd.wait_for(3));
    const auto begun = std::chrono::steady_clock::now();
    const std::string rest = end(agent);
    CHECK(std::chrono::steady_clock::now() - begun >= 4s); // the program that ignores TERM has 4 s
    CHECK_THAT(rest, ContainsSubstring("stubborn: it has not ended within 4 s"));
    CHECK(has_line(install.tsd, "put m.last 1700000001 2 host=h"));
    for (const std::string& line : install.tsd.lines()) {
        if (line.find("stubborn") != std::string::npos || line.find("grandchild") != std::string::npos) {
            const std::size_t at = line.find(' ', line.find("1700000000")) + 1;
            CHECK(test::eventually([id = std::stoi(line.substr(at))] { return !is_alive(id); }));
        }
    }
}

TEST_CASE("agent: at a scan a new file is started, a newer one is restarted, and a removed one is ended") {
    const Install install;
    install.script("0/a", "echo m.a 1700000000 1; exec sleep 1000");
    test::Process agent = install.run({"--dedup", "0"});
    REQUIRE(install.tsd.wait_for(1));
    install.script("0/b", "echo m.b 1700000000 1; exec sleep 1000");
    agent.signal(SIGHUP); // scans the directory at once instead of within 15 s
    REQUIRE(install.tsd.wait_for(2));
    install.script("0/a", "echo m.a 1700000000 2; exec sleep 1000");
    fs::last_write_time(install.root() / "collectors/0/a", fs::file_time_type::clock::now() + 10s);
    agent.signal(SIGHUP);
    REQUIRE(install.tsd.wait_for(3));
    CHECK(has_line(install.tsd, "put m.a 1700000000 2 host=h"));
    fs::remove(install.root() / "collectors/0/b");
    agent.signal(SIGHUP);
    CHECK(said(agent, "b: the file is gone"));
    end(agent);
}

TEST_CASE("agent: it scans the directory every 15 s") {
    const Install install;
    install.script("0/early", "echo m.early 1700000000 1; exec sleep 1000");
    test::Process agent = install.run();
    REQUIRE(install.tsd.wait_for(1));
    install.script("0/late", "echo m.late 1700000000 1; exec sleep 1000");
    CHECK(install.tsd.wait_for(2));
    end(agent);
}

TEST_CASE("agent: the stderr and the refused lines of a child are logged with its name") {
    const Install install;
    install.script("0/talks", "echo something is wrong >&2; echo nonsense; echo m 1700000000 1; exec sleep 1000");
    test::Process agent = install.run();
    REQUIRE(install.tsd.wait_for(1));
    const std::string rest = end(agent);
    CHECK_THAT(rest, ContainsSubstring("talks: something is wrong"));
    CHECK_THAT(rest, ContainsSubstring("talks: too few fields in 'nonsense'"));
}

TEST_CASE("agent: exit code 13 and others are not started again soon") {
    const Install install;
    install.script("0/asks", "exit 13");
    install.script("0/fails", "exit 3");
    test::Process agent = install.run();
    std::string text;
    while (text.find("asks: it asked not to be started again (exit code 13)") == std::string::npos ||
           text.find("with exit code 3; it is started again in ") == std::string::npos) {
        const auto line = agent.err.read_line(at_some_time);
        REQUIRE(line);
        text += *line + "\n";
    }
    end(agent);
}

TEST_CASE("agent: an unchanged value is held back for OpenTSDB's protocols, and each is sent with --dedup 0") {
    const bool dedups = GENERATE(true, false);
    const Install install;
    install.script("0/a", "for t in 0 1 2 3 4 5; do echo m 170000000$t 7; done; echo n 1700000000 1; exec sleep 1000");
    test::Process agent = install.run(dedups ? std::vector<std::string>{} : std::vector<std::string>{"--dedup", "0"});
    REQUIRE(install.tsd.wait_for(dedups ? 2 : 7));
    end(agent);
    CHECK(install.tsd.stored() == (dedups ? 3U : 7U)); // with dedup: the first, the last, and the held point at the end
}

TEST_CASE("agent: with a spool nothing is lost while the TSD is away and the agent is killed") {
    const Install install;
    const std::string address = "127.0.0.1:" + std::to_string(test::free_port());
    const std::string spool = install.root() / "spool";
    install.script("0/a", "i=0; while [ $i -lt 100 ]; do echo m $((1700000000 + i)) $i; i=$((i + 1)); done; exec "
                          "sleep 20");
    {
        test::Process agent = install.start({address, "--no-tcollector-stats", "--spool", spool, "--dedup", "0"});
        REQUIRE(install.status_says(" 100 in the spool"));
        agent.signal(SIGKILL);
        CHECK(agent.wait(at_some_time));
    }
    fs::remove(install.root() / "collectors/0/a");
    const FakeTsd tsd{{.port = static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)))}};
    test::Process agent = install.start({address, "--no-tcollector-stats", "--spool", spool, "--dedup", "0"});
    CHECK(tsd.wait_for(100));
    CHECK(install.status_says("points: 0 accepted, 100 recovered, 100 acknowledged"));
    end(agent);
    CHECK(tsd.distinct() == 100);
}

TEST_CASE("agent: settings are read from a file, and the command line has precedence") {
    const Install install;
    install.directory.write("agent.conf", "target = " + install.tsd.address() +
                                              "\ntag = a=b\ntag = c=d\nno-tcollector-stats = true\nhost-tag = x\n");
    install.script("0/a", "echo m 1700000000 1; exec sleep 1000");
    test::Process agent = install.start({});
    REQUIRE(install.tsd.wait_for(1));
    CHECK(has_line(install.tsd, "put m 1700000000 1 a=b c=d host=h"));
    install.directory.write("agent.conf",
                            "target = " + install.tsd.address() + "\ntag = a=new\nno-tcollector-stats = true\n");
    install.script("0/b", "echo n 1700000000 1; exec sleep 1000");
    agent.signal(SIGHUP);
    REQUIRE(install.tsd.wait_for(2));
    CHECK(has_line(install.tsd, "put n 1700000000 1 a=new host=h"));
    end(agent);
    install.directory.write("agent.conf", "dedupe = 3\n");
    test::Process wrong = install.start({});
    CHECK_THAT(wrong.err.read_to_end(at_some_time),
               ContainsSubstring("there is no setting 'dedupe'; perhaps dedup is meant"));
    CHECK(wrong.wait(at_some_time) == test::Ended{.code = 2});
}

TEST_CASE("agent: --status prints the state of the running agent and its programs") {
    const Install install;
    install.script("0/a", "echo m 1700000000 1; echo nonsense; exec sleep 1000");
    test::Process agent = install.run();
    CHECK(install.status_says("refused: 1 too few fields"));
    CHECK(install.status_says("points: 1 accepted"));
    const test::Result asked = install.status();
    CHECK(asked.ended == test::exit_0);
    CHECK_THAT(asked.out, ContainsSubstring("running"));
    end(agent);
    const test::Result alone = install.status();
    CHECK(alone.ended == test::Ended{.code = 1});
    CHECK_THAT(alone.err, ContainsSubstring("no agent answers at " + install.socket()));
}

TEST_CASE("agent: it sends points about itself and about each program") {
    const Install install;
    install.script("0/a", "echo m 1700000000 1; echo nonsense; exec sleep 1000");
    test::Process agent = install.start({install.tsd.address(), "--self-metrics", "1"});
    CHECK(install.sends("put tickertape.agent.child.lines ", " 2 collector=a host=h"));
    CHECK(install.sends("put tickertape.agent.child.up ", " 1 collector=a host=h"));
    CHECK(install.sends("put tickertape.agent.child.lines.refused ", " 1 collector=a host=h reason=too_few_fields"));
    CHECK(install.sends("put tickertape.agent.children.running ", " 1 host=h"));
    install.script("0/b", "exit 3");
    agent.signal(SIGHUP);
    CHECK(install.sends("put tickertape.agent.child.down ", " 1 collector=b host=h"));
    CHECK(install.sends("put tickertape.agent.child.failures ", " 1 collector=b host=h"));
    CHECK(install.sends("put tickertape.agent.child.down ", " 0 collector=a host=h"));
    end(agent);
}

TEST_CASE("agent: --check prints the planned actions, and does nothing") {
    const Install install;
    install.script("0/a", "touch ran");
    install.script("60/b", "touch ran");
    const test::Result checked = test::run({.program = test::agent_program(),
                                            .arguments = {"agent",
                                                          "-c",
                                                          (install.root() / "collectors").native(),
                                                          "--config",
                                                          (install.root() / "agent.conf").native(),
                                                          "--host-tag",
                                                          "h",
                                                          "-L",
                                                          "x,y:4343",
                                                          "--http",
                                                          "--rename",
                                                          "m.*=n.*",
                                                          "--drop",
                                                          "noise*",
                                                          "--check",
                                                          "--line",
                                                          "m.a 1700000000 1 k=v",
                                                          "--line",
                                                          "noise 1700000000 1",
                                                          "--line",
                                                          "m.a x 1"}});
    CHECK(checked.ended == test::exit_0);
    CHECK_THAT(checked.out, ContainsSubstring("collectors/0/a all the time\n") &&
                                ContainsSubstring("collectors/60/b each 60 s\n") &&
                                ContainsSubstring("target http://x:4242/api/put\ntarget http://y:4343/api/put\n") &&
                                ContainsSubstring("becomes put n.a 1700000000 1 host=h k=v\n") &&
                                ContainsSubstring("becomes nothing: a rule drops it\n") &&
                                ContainsSubstring("becomes nothing: bad timestamp 'x'\n"));
    CHECK_FALSE(fs::exists(install.root() / "ran"));
}

TEST_CASE("agent: a program that writes without end does not keep the others from being read") {
    const Install install;
    install.script("0/flood", "exec yes nonsense");
    install.script("0/good", "i=0; while :; do echo m $((1700000000 + i)) $i; i=$((i + 1)); sleep 0.1; done");
    test::Process agent = install.run();
    CHECK(install.tsd.wait_for(20));
    CHECK(install.tsd.received().refused == 0);
    end(agent);
}

TEST_CASE("agent: with --max-lines reading pauses for a program that writes too much") {
    const Install install;
    install.script("0/much", "i=0; while [ $i -lt 20000 ]; do echo much.$i 1700000000 1; i=$((i + 1)); done; echo done "
                             ">&2; exec sleep 1000");
    const auto begun = std::chrono::steady_clock::now();
    test::Process agent = install.run({"--max-lines", "5000"});
    CHECK(install.tsd.wait_for(20'000));
    CHECK(std::chrono::steady_clock::now() - begun >=
          1500ms); // 20,000 lines at 5,000 a second; one second's lines and a piece come at once
    end(agent);
    CHECK(install.tsd.distinct() == 20'000);
}
