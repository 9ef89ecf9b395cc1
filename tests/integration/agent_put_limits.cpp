// SPDX-License-Identifier: MIT
// Applications that misbehave at `tickertape agent` do not harm the others.
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <support/catch.hpp>
#include <support/process.hpp>
#include <support/push_command.hpp>
#include <support/put_agent.hpp>

namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::end;
using test::Peer;
using test::PutAgent;

const std::string line = "put m 1700000000 1 a=b\n";

/// Says a line, and returns whether the agent acknowledges it without an error.
bool is_served(const Peer& peer) {
    peer.say(line + "version\n");
    const std::string answer = peer.until(test::put_version_end);
    return answer.starts_with("tickertape agent built at") && answer.ends_with(test::put_version_end);
}

/// Returns whether a queue of 10,000 points is more than half full.
bool flood_waits(const PutAgent& agent) {
    const std::string status = agent.status().out;
    const std::size_t end = status.find(" queued");
    const std::size_t begin = end == std::string::npos ? end : status.rfind(' ', end - 1);
    return begin != std::string::npos && std::stoul(status.substr(begin)) > 5'000;
}

} // namespace

TEST_CASE("agent: connections over the limit are closed at once, and the others go on") {
    const PutAgent agent;
    test::Process process = agent.listen({"--put-connections", "3"});
    REQUIRE(agent.status_says("applications: 0 connections"));
    const Peer first{agent.put_socket()};
    CHECK(is_served(first));
    const Peer second{agent.port};
    CHECK(is_served(second));
    const Peer third{agent.port, AF_INET6};
    const bool has_ipv6 = third.connected();
    CHECK((!has_ipv6 || is_served(third)));
    const Peer fourth{agent.put_socket()};
    CHECK((!has_ipv6 || !is_served(fourth)));
    constexpr int most = 10'000;
    for (int i = 0; i < most; ++i) {
        const Peer more{i % 2 == 0 ? Peer{agent.put_socket()} : Peer{agent.port}};
        if (i % 1000 == 0) {
            CHECK(is_served(first));
        }
    }
    CHECK(is_served(second));
    const std::string rest = end(process);
    CHECK_THAT(rest, ContainsSubstring("put: 3 connections are open, which is the limit"));
}

TEST_CASE("agent: a client that needs too long for a line is disconnected, and an idle one is not") {
    const PutAgent agent;
    test::Process process = agent.listen({"--put-timeout", "200ms"});
    const Peer idle{agent.put_socket()};
    CHECK(is_served(idle));
    const Peer slow{agent.put_socket()};
    while (slow.say("x")) { // a byte now and then does not help
        std::this_thread::sleep_for(20ms);
    }
    const Peer endless{agent.port};
    while (endless.say(std::string(5000, 'x'))) { // nor do many bytes of one line
        std::this_thread::sleep_for(20ms);
    }
    CHECK(agent.status_says("applications: 1 connections"));
    CHECK(is_served(idle));
    CHECK_THAT(end(process), ContainsSubstring("it was too slow, and was disconnected"));
}

TEST_CASE("agent: a place that idle clients hold is given to another one") {
    const PutAgent agent;
    test::Process process = agent.listen({"--put-connections", "2", "--put-timeout", "100ms"});
    REQUIRE(agent.status_says("applications: 0 connections"));
    const Peer first{agent.put_socket()};
    const Peer second{agent.put_socket()};
    CHECK(test::eventually([&] { return is_served(Peer{agent.put_socket()}); }));
    end(process);
}

TEST_CASE("agent: a client that reads no answers is disconnected, but not one that only leaves errors unread") {
    const PutAgent agent;
    test::Process process = agent.listen({"--put-timeout", "500ms"});
    std::string versions;
    for (int i = 0; i < 10'000; ++i) {
        versions += "version\n";
    }
    const Peer deaf{agent.put_socket()};
    while (deaf.say(versions)) {
    }
    const Peer bad{agent.put_socket()};
    std::string errors;
    for (int i = 0; i < 10'000; ++i) {
        errors += "put x\n";
    }
    CHECK(bad.say(errors + line)); // further errors are left out, so it can go on
    CHECK(agent.tsd.wait_for(1));
    end(process);
}

TEST_CASE("agent: a flood waits for its limit, and others do not") {
    const PutAgent agent;
    test::Process process = agent.listen({"--put-max-lines", "50"});
    const Peer flood{agent.put_socket()};
    std::thread floods{[&] { flood.say(test::put_lines(0, 20'000)); }};
    const Peer other{agent.put_socket()};
    for (int i = 0; i < 20; ++i) {
        CHECK(is_served(other));
    }
    CHECK(agent.tsd.wait_until([](const auto& received) { return received.distinct > 20; }));
    CHECK(agent.tsd.distinct() < 20'000);
    end(process);
    floods.join();
}

TEST_CASE("agent: without a spool, applications wait before the queue drops points of others") {
    PutAgent agent;
    agent.tsd.stop();
    test::Process process = agent.listen({"--queue", "10000", "--put-max-lines", "0"});
    const Peer flood{agent.port};
    // More than the queue and the megabyte that a connection may have in flight.
    std::thread floods{[&] { flood.say(test::put_lines(0, 80'000) + "version\n"); }};
    const bool waits = test::eventually([&] { return flood_waits(agent); });
    CHECK(waits);
    CHECK_THAT(agent.status().out, ContainsSubstring(" 0 dropped, "));
    agent.tsd.start();
    CHECK(flood.until(test::put_version_end).ends_with(test::put_version_end));
    floods.join();
    CHECK(agent.tsd.wait_for(80'000));
    CHECK_THAT(end(process), ContainsSubstring("80000 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped"));
}

TEST_CASE("agent: applications leave descriptors for programs") {
    const PutAgent agent;
    test::Process process = agent.listen({"--put-connections", "4000000000"});
    CHECK(test::said(process, "a quarter of the files that the agent may open"));
    end(process);
}
