// SPDX-License-Identifier: MIT
#include <tickertape/testkit/fake_tsd.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "support/catch.hpp"
#include "support/peer.hpp"

using namespace tickertape::testkit;
using namespace std::chrono_literals;
using test::Peer;

namespace {

using Lines = std::vector<std::string>;

/// Returns `count` good lines, all different.
std::string points(int count, int from = 0) {
    std::string text;
    for (int i = from; i < from + count; ++i) {
        text += "put m " + std::to_string(1'700'000'000 + i) + " 1 host=a\n";
    }
    return text;
}

bool all_closed(const Received& received) { return received.open == 0; }

} // namespace

TEST_CASE("A fake TSD takes points, answers version, and records its input") {
    FakeTsd tsd;
    const Peer peer{tsd.port()};
    peer.say("put m 1700000000 1 host=a\nput m 1700000001 2 host=a\nput m 1700000000 1 host=a\nversion\n");
    CHECK_THAT(peer.until("fake-tsd\n"), Catch::Matchers::ContainsSubstring(" built at revision "));
    const Received received = tsd.received();
    CHECK(received.stored == 3);
    CHECK(received.distinct == 2);
    CHECK(received.duplicates == 1);
    CHECK(received.refused == 0);
    CHECK(received.lines == 4);
    CHECK(received.versions == 1);
    CHECK(received.connections == 1);
    CHECK(received.open == 1);
    CHECK(tsd.lines() == Lines{"put m 1700000000 1 host=a", "put m 1700000001 2 host=a", "put m 1700000000 1 host=a"});
    CHECK(tsd.lines_of(0).back() == "version");
    CHECK(tsd.contains("put m 1700000001 2 host=a"));
    CHECK_FALSE(tsd.contains("put m 1700000001 2 host=b"));
}

TEST_CASE("A connection is reset after the line that was asked for") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::reset, .after_lines = 2, .connections = 1}}}};
    const std::string three = "put m 1700000000 1 host=a\nput m 1700000001 2 host=a\nput m 1700000002 2 host=a\n";
    const Peer first{tsd.port()};
    first.say(three);
    CHECK(first.rest() == "(reset)");
    CHECK(tsd.stored() == 2);
    const Peer second{tsd.port()};
    CHECK(second.ask(three).empty());
    CHECK(tsd.stored() == 5);
}

TEST_CASE("A stalled server takes the connection and reads nothing until the fault is gone") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::stall}}}};
    const Peer peer{tsd.port()};
    REQUIRE(peer.connected());
    peer.say("put m 1700000000 1 host=a\n");
    REQUIRE(tsd.wait_until([](const Received& received) { return received.open == 1; }));
    CHECK(tsd.received().bytes == 0);
    tsd.set_faults({});
    CHECK(tsd.wait_for(1));
}

TEST_CASE("A server may close each connection that it has accepted") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::close}}}};
    for (int i = 0; i < 3; ++i) {
        const Peer peer{tsd.port()};
        CHECK(peer.rest().empty());
    }
    CHECK(tsd.connections() == 3);
    CHECK(tsd.stored() == 0);
}

TEST_CASE("A connection can break at an exact byte") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::close, .after_bytes = 40}}}};
    const Peer peer{tsd.port()};
    peer.say(points(3));
    peer.half_close();
    peer.rest();
    REQUIRE(tsd.wait_until([](const Received& received) { return received.connections == 1 && received.open == 0; }));
    CHECK(tsd.received().bytes == 40); // a line has 26
    CHECK(tsd.stored() == 1);
}

TEST_CASE("A mute server reads and records, and neither answers nor closes") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::mute, .after_lines = 1}}}};
    const Peer peer{tsd.port()};
    peer.say("version\n" + points(2) + "version\n");
    peer.half_close();
    REQUIRE(tsd.wait_for(2));
    CHECK(tsd.received().versions == 2);
    CHECK(tsd.received().open == 1);
    tsd.set_faults({});
    CHECK(peer.rest().empty()); // earlier unanswered lines stay unanswered
    CHECK(tsd.wait_until(all_closed));
}

TEST_CASE("A server that stalls in mid-stream goes on where it stopped") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::stall, .after_lines = 2}}}};
    const Peer peer{tsd.port()};
    peer.say(points(5) + "version\n");
    REQUIRE(tsd.wait_for(2));
    CHECK(tsd.stored() == 2);
    tsd.set_faults({});
    CHECK_FALSE(peer.until("fake-tsd\n").empty());
    CHECK(tsd.stored() == 5);
    CHECK(tsd.distinct() == 5);
}

TEST_CASE("Open connections are broken on request, later ones are not") {
    FakeTsd tsd;
    const Peer first{tsd.port()};
    first.say(points(1));
    REQUIRE(tsd.wait_for(1));
    tsd.break_connections(Break::reset);
    CHECK(first.rest() == "(reset)");
    const Peer second{tsd.port()};
    second.say(points(1));
    REQUIRE(tsd.wait_for(2));
    tsd.break_connections(Break::close);
    CHECK(second.rest().empty());
    const Peer third{tsd.port()};
    third.ask(points(1));
    CHECK(tsd.stored() == 3);
}

TEST_CASE("A stopped server refuses connections, and a started one has its port again") {
    FakeTsd tsd;
    const std::uint16_t port = tsd.port();
    const Peer before{port};
    before.say(points(1));
    REQUIRE(tsd.wait_for(1));
    tsd.stop();
    tsd.stop();
    CHECK(before.rest().empty());
    CHECK_FALSE(Peer{port}.connected());
    CHECK(tsd.received().open == 0);
    tsd.start();
    CHECK(tsd.port() == port);
    Peer{port}.ask(points(1));
    CHECK(tsd.stored() == 2);
    CHECK_THROWS_AS(FakeTsd({.port = port}), std::system_error);
}

TEST_CASE("A server ends while peers hang on it in every state") {
    std::vector<std::unique_ptr<Peer>> peers;
    for (const Break how : {Break::nothing, Break::stall, Break::mute}) {
        FakeTsd tsd{{.faults = {.breakage = {.how = how}, .read_delay = how == Break::nothing ? 1h : 0h}}};
        peers.push_back(std::make_unique<Peer>(tsd.port()));
        peers.back()->say(points(10));
        REQUIRE(tsd.wait_until([](const Received& received) { return received.open == 1; }));
    }
}

TEST_CASE("Slow servers wait before reads and answers, and answer byte by byte") {
    FakeTsd tsd{{.faults = {.read_delay = 1ms, .answer_delay = 1ms, .byte_delay = 1ms}}};
    const Peer peer{tsd.port()};
    CHECK(peer.ask("nonsense\n") == "unknown command: nonsense.  Try `help'.\n");
    tsd.set_faults({.answer_delay = 1h});
    const Peer late{tsd.port()};
    late.say(points(1) + "version\n");
    REQUIRE(tsd.wait_for(1));
    tsd.set_faults({}); // ends the wait
    CHECK_FALSE(late.until("fake-tsd\n").empty());
    tsd.set_faults({.read_delay = 1h});
    const Peer unread{tsd.port()};
    unread.say(points(1));
    REQUIRE(tsd.wait_until([](const Received& received) { return received.connections == 3; }));
    CHECK(tsd.stored() == 1);
}

TEST_CASE("A slow server ends at once, also when a peer speaks at that moment") {
    for (int round = 0; round < 500; ++round) {
        FakeTsd tsd{{.faults = {.read_delay = 1h}}};
        const Peer peer{tsd.port()};
        REQUIRE(tsd.wait_until([](const Received& received) { return received.connections == 1; }));
        peer.say(points(1)); // a session that waits after the end takes an hour
    }
    SUCCEED("all of them ended");
}

TEST_CASE("The other loopback address is there if asked for") {
    FakeTsd tsd{{.ipv6 = true}};
    const Peer peer{tsd.port(), AF_INET6};
    if (!peer.connected()) {
        WARN("this machine has no ::1");
        return;
    }
    peer.ask(points(1));
    CHECK(tsd.stored() == 1);
}

TEST_CASE("Memory is bounded: text up to a number of lines, hashes, or counts alone") {
    FakeTsd some{{.keep_at_most = 2}};
    Peer{some.port()}.ask(points(5) + points(1));
    CHECK(some.lines().size() == 2);
    CHECK(some.distinct() == 5);
    FakeTsd hashes{{.keep = Keep::hashes}};
    Peer{hashes.port()}.ask(points(5000) + points(100));
    CHECK(hashes.lines().empty());
    CHECK(hashes.distinct() == 5000);
    CHECK(hashes.received().duplicates == 100);
    CHECK(hashes.contains("put m 1700004999 1 host=a"));
    FakeTsd counts{{.keep = Keep::counts}};
    Peer{counts.port()}.ask(points(5));
    CHECK(counts.stored() == 5);
    CHECK(counts.distinct() == 0);
    CHECK_FALSE(counts.contains("put m 1700000000 1 host=a"));
    some.clear();
    CHECK(some.stored() == 0);
    CHECK(some.lines().empty());
    Peer{some.port()}.ask(points(1));
    CHECK(some.distinct() == 1);
}

TEST_CASE("Each stored line is reported when it arrives") {
    Lines told;
    {
        FakeTsd tsd{{.keep = Keep::counts, .on_line = [&](std::string_view line) { told.emplace_back(line); }}};
        Peer{tsd.port()}.ask(points(1) + "put bad\n");
    }
    CHECK(told == Lines{"put m 1700000000 1 host=a"});
}

TEST_CASE("Waiting for points that do not come ends") {
    FakeTsd tsd;
    CHECK_FALSE(tsd.wait_for(1, 1ms));
}
