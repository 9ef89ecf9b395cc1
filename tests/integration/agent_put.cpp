// SPDX-License-Identifier: MIT
// Applications push to `tickertape agent`: its answers, and the lines that reach the TSD.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/process.hpp>
#include <support/push_command.hpp>
#include <support/put_agent.hpp>

namespace {

using Catch::Matchers::ContainsSubstring;
using test::answers_to;
using test::at_some_time;
using test::end;
using test::Peer;
using test::PutAgent;
using tickertape::testkit::FakeTsd;

namespace fs = std::filesystem;

std::vector<std::string> sorted(std::vector<std::string> lines) {
    std::sort(lines.begin(), lines.end());
    return lines;
}

} // namespace

TEST_CASE("agent: put lines of applications reach the TSD with tags and rules, and none is held back") {
    const PutAgent agent;
    test::Process process = agent.listen({"-t", "pool=p", "--drop", "secret.*", "--rename", "old=new"});
    const Peer by_path{agent.put_socket()};
    CHECK(answers_to(by_path, "put m 1700000000 1 a=b\nput m 1700000001 1 a=b\nput m 1700000001 1 a=b\n").empty());
    const Peer by_port{agent.port};
    CHECK(answers_to(by_port, "put m 1699999999 1 a=b\nput secret.x 1700000000 1 a=b\r\nput old 1700000000 2.5 a=b\r\n")
              .empty());
    CHECK(agent.tsd.wait_for(5));
    CHECK_THAT(end(process), ContainsSubstring("all is sent: 5 acknowledged"));
    CHECK(sorted(agent.tsd.lines()) ==
          std::vector<std::string>{"put m 1699999999 1 a=b host=h pool=p", "put m 1700000000 1 a=b host=h pool=p",
                                   "put m 1700000001 1 a=b host=h pool=p", "put m 1700000001 1 a=b host=h pool=p",
                                   "put new 1700000000 2.5 a=b host=h pool=p"});
}

TEST_CASE("agent: errors are those of a TSD, and the connection goes on") {
    const PutAgent agent;
    test::Process process = agent.listen();
    const Peer ours{agent.put_socket()};
    const Peer theirs{agent.tsd.port()};
    for (const std::string line : {"put",
                                   "put m",
                                   "put m 1700000000 1",
                                   "put m 1700000000 1 a",
                                   "put m 1700000000 1 =b",
                                   "put m 1700000000 1 a=",
                                   "put m 1700000000 1 a=b=c",
                                   "put m x 1 a=b",
                                   "put m -5 1 a=b",
                                   "put m 0 1 a=b",
                                   "put m 17000000000000 1 a=b",
                                   "put m 1700000000 nan a=b",
                                   "put m 1700000000 1e400 a=b",
                                   "put m 1700000000 0x10 a=b",
                                   "put m 1700000000  a=b",
                                   "put m! 1700000000 1 a=b",
                                   "put m 1700000000 1 a!=b",
                                   "put m 1700000000 1 a=b!",
                                   "put m 1700000000 1 a=b a=c",
                                   "put m 1700000000 1 a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1",
                                   "put m 1700000000 1.2.3 a=b",
                                   "stat",
                                   "",
                                   " put m",
                                   "Help",
                                   "put\xc3\xa9 m"}) {
        CAPTURE(line);
        const std::string answer = answers_to(ours, line + "\n");
        CHECK(answer.ends_with("\n"));
        theirs.say(line + "\n");
        CHECK(answer == theirs.until("\n"));
    }
    CHECK(answers_to(ours, "put m 1700000000 1 a=b\n").empty());
    CHECK(agent.tsd.wait_for(1));
    end(process);
}

TEST_CASE("agent: a line that a TSD takes but the agent cannot send is refused") {
    const PutAgent agent;
    test::Process process = agent.listen();
    const Peer peer{agent.put_socket()};
    CHECK(answers_to(peer, "put m 1700 1 a=b\n") == "put: illegal argument: bad timestamp '1700'\n");
    CHECK(answers_to(peer, "put m 1700000000 1f a=b\n") == "put: invalid value: Invalid character 'f' in 1f\n");
    CHECK(answers_to(peer, "put m 1700000000 1 a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1\n")
              .starts_with("put: illegal argument: ")); // the host tag is the ninth
    CHECK(answers_to(peer, "put m 1700000000 1 a=" + std::string(1100, 'x') + "\n") ==
          "put: illegal argument: line of more than 1023 characters\n");
    CHECK(answers_to(peer, std::string("put m 1700000000 1 a=b\0\n", 24)).starts_with("put: illegal argument: "));
    CHECK(answers_to(peer, "put m 1700000000 1\n").starts_with("put: illegal argument: not enough arguments"));
    CHECK(agent.status_says("applications: 1 connections, "));
    CHECK(agent.tsd.stored() == 0);
    end(process);
}

TEST_CASE("agent: acknowledged lines survive a kill of the agent while the TSD is down") {
    PutAgent agent;
    agent.tsd.stop();
    const std::vector<std::string> spool{"--spool", agent.root() / "spool"};
    test::Process process = agent.listen(spool);
    const std::string input = test::put_lines(0, 100);
    const test::Result pushed = test::push({"tsd://127.0.0.1:" + std::to_string(agent.port)}, input);
    CHECK(pushed.ended == test::exit_0);
    CHECK_THAT(pushed.err, ContainsSubstring("100 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped"));
    const Peer by_path{agent.put_socket()};
    CHECK(answers_to(by_path, "put m 1700000100 100 host=h\n").empty());
    process.signal(SIGKILL);
    CHECK(process.wait(at_some_time).has_value());
    agent.tsd.start();
    test::Process next = agent.listen(spool); // replaces the socket of the killed one
    CHECK(agent.tsd.wait_until([](const auto& received) { return received.distinct == 101; }, at_some_time));
    CHECK(sorted(agent.tsd.lines()).back() == "put m 1700000100 100 host=h");
    end(next);
}

TEST_CASE("agent: a collector pushes to its port") {
    const PutAgent agent;
    test::Process process = agent.listen();
    const test::Result pushed = test::run(
        {.program = test::collector("numprocesses"),
         .arguments = {"--once", "--hostname", "h", "--proc-root", TICKERTAPE_SOURCE_DIR "/tests/fixtures/proc/plain",
                       "--tsd", "127.0.0.1:" + std::to_string(agent.port)}});
    CHECK(pushed.ended == test::exit_0);
    CHECK(pushed.err.empty());
    CHECK(agent.tsd.wait_for(9));
    end(process);
}

TEST_CASE("agent: a host tag of another host stays, is replaced, or is refused, as --put-host says") {
    const PutAgent agent;
    const std::string setting = GENERATE("keep", "replace", "refuse");
    CAPTURE(setting);
    test::Process process = agent.listen({"--put-host", setting});
    const Peer peer{agent.put_socket()};
    const std::string answer = answers_to(peer, "put m 1700000000 1 host=other\nput m 1700000001 1 host=h\n");
    CHECK(answer == (setting == "refuse" ? "put: illegal argument: the host tag of another host\n" : ""));
    end(process);
    const auto lines = sorted(agent.tsd.lines());
    CHECK(lines.back() == "put m 1700000001 1 host=h");
    CHECK(lines.size() == (setting == "refuse" ? 1 : 2));
    CHECK((lines.front() == "put m 1700000000 1 host=other") == (setting == "keep"));
}

TEST_CASE("agent: diediedie does not end it, and a last line without a newline is refused") {
    const PutAgent agent;
    test::Process process = agent.listen();
    const Peer peer{agent.port};
    CHECK(peer.ask("diediedie\nput m 1700000000 1 a=b\nput m 1700000001 1 a=") ==
          "put: illegal argument: a last line without an end\n");
    CHECK(agent.tsd.wait_for(1));
    const Peer leaves{agent.port};
    leaves.say("put m 1700000002 1 a=b\nversion\nexit\nversion\n");
    const std::string rest = leaves.rest();
    CHECK(rest.ends_with(test::put_version_end));
    CHECK(std::count(rest.begin(), rest.end(), '\n') == 2);
    CHECK(agent.tsd.wait_for(2));
    CHECK(agent.status_says("3 lines, 1 refused: 1 line without an end"));
    end(process);
}

TEST_CASE("agent: the put socket is for its owner and a group, and one in use is not replaced") {
    const PutAgent agent;
    test::Process process = agent.listen({"--put-group", std::to_string(getegid())});
    using fs::perms;
    CHECK(fs::status(agent.put_socket()).permissions() ==
          (perms::owner_read | perms::owner_write | perms::group_read | perms::group_write));
    const PutAgent other;
    test::Process second = other.run({"--put-socket", agent.put_socket()});
    CHECK(test::said(second, "applications cannot push to the put socket: " + agent.put_socket().native()));
    end(second);
    CHECK(Peer{agent.put_socket()}.connected());
    end(process);
    CHECK_FALSE(fs::exists(agent.put_socket()));
}

TEST_CASE("agent: HUP moves the put socket and keeps connections") {
    const PutAgent agent;
    const fs::path first = agent.root() / "first.sock";
    const fs::path second = agent.root() / "second.sock";
    agent.directory.write("agent.conf", "put-socket = " + first.native() + "\nput-host = keep\n");
    test::Process process = agent.run();
    REQUIRE(test::eventually([&] { return Peer{first}.connected(); }));
    const Peer peer{first};
    CHECK(answers_to(peer, "put m 1700000000 1 host=other\n").empty());
    agent.directory.write("agent.conf", "put-socket = " + second.native() + "\nput-host = refuse\n");
    process.signal(SIGHUP);
    REQUIRE(test::eventually([&] { return Peer{second}.connected(); }));
    CHECK_FALSE(fs::exists(first));
    CHECK(answers_to(peer, "put m 1700000001 1 host=other\n") ==
          "put: illegal argument: the host tag of another host\n");
    CHECK(answers_to(Peer{second}, "put m 1700000002 1 a=b\n").empty());
    agent.directory.write("agent.conf", "");
    process.signal(SIGHUP);
    CHECK(test::eventually([&] { return !fs::exists(second); }));
    CHECK(answers_to(peer, "put m 1700000003 1 a=b\n").empty());
    end(process);
    CHECK(agent.tsd.distinct() == 3);
}

TEST_CASE("agent: at its end it takes the received lines despite open connections") {
    const PutAgent agent;
    test::Process process = agent.listen();
    std::vector<std::string> lines;
    const Peer idle{agent.port};
    const Peer half{agent.put_socket()};
    half.say("put m 17000");
    const Peer writer{agent.put_socket()};
    process.signal(SIGSTOP);
    writer.say(test::put_lines(0, 200) + "version\n");
    process.signal(SIGTERM);
    process.signal(SIGCONT);
    CHECK_THAT(process.err.read_to_end(at_some_time), ContainsSubstring("all is sent: 200 acknowledged"));
    CHECK(process.wait(at_some_time) == test::exit_0);
    CHECK_THAT(writer.rest(), ContainsSubstring(test::put_version_end));
}

TEST_CASE("agent: a dry run takes nothing from applications, and wrong settings are refused") {
    const PutAgent agent;
    test::Process process = agent.start({"-d", "--put-socket", agent.put_socket()});
    REQUIRE(agent.status_says("up "));
    CHECK_FALSE(fs::exists(agent.put_socket()));
    end(process);
    const auto refused = [&](std::vector<std::string> arguments) {
        test::Process wrong = agent.start(std::move(arguments));
        const std::string message = wrong.err.read_to_end(at_some_time);
        CHECK(wrong.wait(at_some_time) == test::Ended{.code = 2});
        return message;
    };
    CHECK_THAT(refused({"tsd://localhost:4343", "--put-port", "4343"}), ContainsSubstring("would push to itself"));
    CHECK_THAT(refused({"--put-host", "drop"}), ContainsSubstring("keep, replace or refuse"));
    CHECK_THAT(refused({"--put-group", "no such group"}), ContainsSubstring("there is no group"));
    CHECK_THAT(refused({"--put-connections", "0"}), ContainsSubstring("--put-connections must be at least 1"));
}

TEST_CASE("agent: --check prints the addresses to which applications push") {
    const PutAgent agent;
    test::Process process = agent.start(
        {"--check", "--put-socket", "/s", "--put-group", "5", "--put-port", "4343", "--put-host", "refuse"});
    CHECK_THAT(process.out.read_to_end(at_some_time),
               ContainsSubstring("applications push to /s, group 5\napplications push to localhost:4343\n"
                                 "their host tag of another host is refused\n"));
    CHECK(process.wait(at_some_time) == test::exit_0);
}

TEST_CASE("agent: points about itself count applications, their lines and the reasons of refusals") {
    const PutAgent agent;
    test::Process process =
        agent.start({agent.tsd.address(), "--self-metrics", "1", "--put-socket", agent.put_socket()});
    REQUIRE(test::eventually([&] { return Peer{agent.put_socket()}.connected(); }));
    const Peer peer{agent.put_socket()};
    answers_to(peer, "put m 1700000000 x a=b\nput m 1700000000 1 a=b\n");
    const auto has = [&](const std::string& metric, std::string_view end) {
        return agent.sends("put tickertape.agent.put." + metric + " ", end);
    };
    CHECK(has("lines", " 2 host=h"));
    CHECK(has("points", " 1 host=h"));
    CHECK(has("lines.refused", " 1 host=h reason=bad_value"));
    CHECK(has("connections", " 1 host=h"));
    CHECK(has("connections.ended", " host=h reason=closed"));
    end(process);
}
