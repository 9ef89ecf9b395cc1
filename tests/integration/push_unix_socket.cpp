// SPDX-License-Identifier: MIT
// Pushing to a Unix socket: `tickertape push`, a collector and the SDK push to the put socket of an agent.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <system_error>
#include <vector>

#include <support/catch.hpp>
#include <support/process.hpp>
#include <support/push_command.hpp>
#include <support/put_agent.hpp>
#include <tickertape/tsd_client.hpp>

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::at_some_time;
using test::end;
using test::PutAgent;
using tickertape::TsdClient;
using tickertape::TsdClientOptions;

std::string target_of(const PutAgent& agent) { return "unix:" + agent.put_socket().native(); }

std::string report_of_push(const std::string& target) {
    return test::push({target, "--deadline", "0.3"}, test::put_lines(0, 10)).err;
}

} // namespace

TEST_CASE("push sends lines to an agent's Unix socket, and each is acknowledged") {
    const PutAgent agent;
    test::Process process = agent.listen();
    const test::Result pushed = test::push({target_of(agent)}, test::put_lines(0, 5'000));
    CHECK(pushed.ended == test::exit_0);
    CHECK_THAT(pushed.err, ContainsSubstring("5000 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped"));
    end(process);
    CHECK(agent.tsd.received().distinct == 5'000);
}

TEST_CASE("a collector pushes to an agent's Unix socket") {
    const PutAgent agent;
    test::Process process = agent.listen();
    const test::Result pushed = test::run(
        {.program = test::collector("numprocesses"),
         .arguments = {"--once", "--hostname", "h", "--proc-root", TICKERTAPE_SOURCE_DIR "/tests/fixtures/proc/plain",
                       "--tsd", target_of(agent), "--user", "root"}}); // nobody may not push to a socket of root
    CHECK(pushed.ended == test::exit_0);
    CHECK(pushed.err.empty());
    CHECK(agent.tsd.wait_for(9));
    end(process);
}

TEST_CASE("a TsdClient keeps its points while the agent of its Unix socket is killed and started again") {
    const PutAgent agent;
    test::Process first = agent.listen();
    TsdClient client{target_of(agent), {.host_tag = tickertape::HostTag::named("h"), .flush_interval = 10ms}};
    client.send("m", 1, {{"a", "b"}});
    REQUIRE(client.wait(at_some_time));
    REQUIRE(agent.tsd.wait_for(1));
    first.signal(SIGKILL);
    CHECK(first.wait(at_some_time).has_value());
    client.send("m", 2, {{"a", "c"}});
    test::Process second = agent.listen();
    CHECK(client.wait(at_some_time));
    CHECK(client.account().acked == 2);
    CHECK(client.status().targets.front().target == target_of(agent));
    CHECK(client.status().targets.front().connects >= 2);
    CHECK(agent.sends("put m ", " 2 a=c host=h"));
    end(second);
}

TEST_CASE("a Unix socket takes its turn among targets") {
    const PutAgent agent;
    test::Process process = agent.listen();
    const test::Result pushed = test::push({"unix:" + (agent.root() / "none").native(), target_of(agent)}, //
                                           test::put_lines(0, 10));
    CHECK(pushed.ended == test::exit_0);
    CHECK_THAT(pushed.err,
               ContainsSubstring("none: cannot connect: No such file or directory: trying the next target"));
    CHECK_THAT(pushed.err, ContainsSubstring("10 acknowledged"));
    end(process);
}

TEST_CASE("push reports in one sentence why it cannot connect to a Unix socket") {
    const PutAgent agent;
    const std::string none = target_of(agent);
    CHECK_THAT(report_of_push(none),
               ContainsSubstring("tickertape: " + none + ": cannot connect: No such file or directory: given up\n"));
    const std::string file = "unix:" + (agent.root() / "agent.conf").native();
    CHECK_THAT(report_of_push(file), ContainsSubstring(file + ": cannot connect: it is not a socket: given up\n"));
    const std::string below = file + "/put.sock";
    CHECK_THAT(report_of_push(below), ContainsSubstring(below + ": cannot connect: Not a directory: given up\n"));
    test::Process process = agent.listen();
    process.signal(SIGKILL);
    CHECK(process.wait(at_some_time).has_value());
    CHECK_THAT(report_of_push(none), ContainsSubstring(none + ": cannot connect: Connection refused: given up\n"));
    const test::Result too_long = test::push({"unix:/" + std::string(107, 'x')}, test::put_lines(0, 1));
    CHECK(too_long.ended == test::Ended{.code = 2});
    CHECK_THAT(too_long.err, ContainsSubstring("has a path of 108 bytes, and the longest of a Unix socket has 107"));
    try {
        const TsdClient client{none};
        FAIL("there was no error");
    } catch (const std::system_error& error) {
        CHECK(std::string{error.what()} == none + ": Connection refused");
        CHECK(error.code() == std::errc::connection_refused);
    }
}

TEST_CASE("an agent pushes to the Unix socket of another one, and refuses its own") {
    const PutAgent last;
    test::Process receiver = last.listen();
    const test::AgentInstall install;
    install.script("0/one", "echo m 1700000000 1 a=b; exec sleep 1000");
    test::Process sender = install.start({target_of(last), "--no-tcollector-stats"});
    CHECK(last.sends("put m ", " 1 a=b host=h"));
    end(sender);
    end(receiver);
    test::Process own = install.start({target_of(last), "--put-socket", last.put_socket()});
    CHECK_THAT(own.err.read_to_end(at_some_time), ContainsSubstring("would push to itself"));
    CHECK(own.wait(at_some_time) == test::Ended{.code = 2});
}
