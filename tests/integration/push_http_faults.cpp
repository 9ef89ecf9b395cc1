// SPDX-License-Identifier: MIT
// TsdHttp with a TSD that fails. Its account is compared with the TSD's counts.
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <thread>

#include <support/catch.hpp>
#include <support/pushing.hpp>
#include <support/seed.hpp>

#include "stage/ledger.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using test::check_accounts;
using test::check_all_stored_once;
using test::http;
using test::poisoned;
using test::publish_all;
using test::push_http;
using test::Pushed;
using test::some_points;
using test::with_poison;
using testkit::Break;
using testkit::FakeTsd;
using testkit::Personality;
using testkit::Refusal;

TEST_CASE("HTTP: a status that takes nothing loses nothing") {
    const unsigned status = GENERATE(301U, 400U, 401U, 403U, 404U, 405U, 407U, 408U, 429U, 500U, 503U);
    CAPTURE(status);
    // A 400 may be about one of the points. So each connection sends ten samples of its request before it decides, and then only
    // one point now and then.
    // point now and then.
    const bool is_about_points = status == 400;
    const std::uint64_t enough = is_about_points ? 12 : 5;
    FakeTsd tsd{{.faults = {.http = {.status = status}}}};
    const auto points = some_points(2'000);
    const Pushed pushed = push_http(http(tsd), points, {}, [&tsd, enough] {
        tsd.wait_until([enough](const testkit::Received& received) { return received.requests >= enough; });
        tsd.set_faults({});
    });
    check_all_stored_once(tsd, pushed, points.size());
    REQUIRE(pushed.status.replies.size() == 1);
    CHECK(pushed.status.replies[0].kind == "http_" + std::to_string(status));
    CHECK((is_about_points || pushed.status.targets.at(0).failures > 0));
}

TEST_CASE("HTTP: a server that asks to be left alone for a while is left alone") {
    FakeTsd tsd{{.faults = {.http = {.status = 429, .requests = 1, .retry_after = 2s}}}};
    const auto points = some_points(100);
    const auto begin = std::chrono::steady_clock::now();
    const Pushed pushed = push_http(http(tsd), points);
    CHECK(std::chrono::steady_clock::now() - begin >= 2s);
    check_all_stored_once(tsd, pushed, points.size());
    CHECK(tsd.requests().size() == 2);
}

TEST_CASE("HTTP: points whose storage fails are sent again, and only those") {
    const auto refusal = GENERATE(Refusal::hbase_error, Refusal::throttle);
    FakeTsd tsd{{.faults = poisoned(refusal)}};
    const auto points = with_poison(3'000, 40);
    const Pushed pushed = push_http(http(tsd), points, {.sync = true}, [&tsd] {
        tsd.wait_until([](const testkit::Received& received) { return received.refused >= 80; });
        tsd.set_faults({});
    });
    check_all_stored_once(tsd, pushed, points.size());
    REQUIRE(pushed.status.replies.size() == 1);
    CHECK(pushed.status.replies[0].kind == (refusal == Refusal::throttle ? "throttled" : "storage"));
}

TEST_CASE("HTTP: a 200 that reports all points as failed acknowledges nothing") {
    FakeTsd tsd{{.faults = {.http = {.status = 200, .requests = 3}}}};
    const auto points = some_points(500);
    check_all_stored_once(tsd, push_http(http(tsd), points, {.sync = true}), points.size());
}

TEST_CASE("HTTP: a request whose connection dies is sent again, and counted") {
    const Break how = GENERATE(Break::reset, Break::close);
    const FakeTsd tsd{{.faults = {.breakage = {.how = how, .after_lines = 700, .connections = 8}}}};
    const auto points = some_points(20'000);
    const Pushed pushed = push_http(http(tsd), points);
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(pushed.account.resent > 0);
    CHECK(tsd.distinct() == points.size());
    CHECK(tsd.received().duplicates <= pushed.account.resent);
}

TEST_CASE("HTTP: connections that are accepted and then closed cost nothing but time") {
    const Break how = GENERATE(Break::reset, Break::close);
    const FakeTsd tsd{{.faults = {.breakage = {.how = how, .connections = 6}}}};
    const auto points = some_points(5'000);
    const Pushed pushed = push_http(http(tsd), points);
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.stored() == points.size());
    CHECK(tsd.distinct() == points.size());
}

TEST_CASE("HTTP: connections that break at any moment lose nothing") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    FakeTsd tsd;
    const auto points = some_points(60'000);
    const Pushed pushed = push_http(http(tsd), points, {}, [&] {
        for (unsigned i = 0; i < 5; ++i) {
            tsd.wait_for(10'000U * i + test::up_to(random, 9'000), 20s);
            tsd.break_connections(i % 2 == 0 ? Break::reset : Break::close);
        }
    });
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.distinct() == points.size());
    CHECK(tsd.received().duplicates <= pushed.account.resent);
}

TEST_CASE("HTTP: nothing is lost that is handed over while the TSD is down") {
    FakeTsd tsd;
    tsd.stop();
    const auto points = some_points(10'000);
    const Pushed pushed = push_http(http(tsd), points, {}, [&tsd] {
        std::this_thread::sleep_for(700ms);
        tsd.start();
    });
    check_all_stored_once(tsd, pushed, points.size());
    CHECK(pushed.status.targets.at(0).failures > 0);
}

TEST_CASE("HTTP: a TSD that stands still for a while gets every point once") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::stall, .after_lines = 900}}}};
    const auto points = some_points(40'000);
    const Pushed pushed = push_http(http(tsd), points, {}, [&tsd] {
        tsd.wait_for(900, 20s);
        std::this_thread::sleep_for(300ms);
        tsd.set_faults({});
    });
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.distinct() == points.size());
}

TEST_CASE("HTTP: a TSD that does not answer in time is abandoned, and the points go to another connection") {
    const FakeTsd tsd{{.faults = {.breakage = {.how = Break::mute, .after_lines = 900, .connections = 2}}}};
    const auto points = some_points(5'000);
    const Pushed pushed = push_http(http(tsd), points, {.answer_within = 300ms});
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.distinct() == points.size());
    CHECK(pushed.account.resent > 0);
}

TEST_CASE("HTTP: an answer that comes byte by byte is one") {
    const FakeTsd tsd{{.faults = {.byte_delay = 1ms}}};
    const auto points = some_points(300);
    check_all_stored_once(tsd, push_http(http(tsd), points), points.size());
}

TEST_CASE("HTTP: when a target dies, the next one takes over for all connections, and stays") {
    FakeTsd first;
    FakeTsd second;
    TsdHttp transmitter{Targets{http(first), http(second)}, {.host_tag = HostTag::named("h")}};
    const auto points = some_points(60'000);
    const std::span all{points};
    publish_all(transmitter, all.first(20'000));
    REQUIRE(transmitter.flush(test::in(test::long_time)));
    CHECK(second.connections() == 0);
    first.stop();
    publish_all(transmitter, all.subspan(20'000, 20'000));
    REQUIRE(transmitter.flush(test::in(test::long_time)));
    first.start();
    const std::uint64_t connections = first.connections();
    publish_all(transmitter, all.subspan(40'000));
    REQUIRE(transmitter.flush(test::in(test::long_time)));
    const Account account = transmitter.accounts()->now();
    CHECK(account.acked == points.size());
    CHECK(first.stored() == 20'000);
    CHECK(first.connections() == connections);
    CHECK(second.stored() == 40'000);
    CHECK(transmitter.status().targets.at(1).connected);
    CHECK(!transmitter.status().targets.at(0).connected);
}

TEST_CASE("HTTP: a target that refuses everything is left for the next one") {
    const unsigned status = GENERATE(401U, 503U);
    const FakeTsd first{{.faults = {.http = {.status = status}}}};
    const FakeTsd second;
    const auto points = some_points(5'000);
    const Pushed pushed = push_http(Targets{http(first), http(second)}, points);
    check_all_stored_once(second, pushed, points.size());
    CHECK(first.stored() == 0);
}

TEST_CASE("HTTP: with a dead TSD the destructor returns, and counts the remaining points as dropped") {
    FakeTsd tsd;
    tsd.stop();
    const auto points = some_points(1'000);
    std::shared_ptr<stage::Ledger> accounts;
    {
        TsdHttp transmitter{http(tsd), {.host_tag = HostTag::named("h")}};
        accounts = transmitter.accounts();
        publish_all(transmitter, points);
        CHECK_FALSE(transmitter.flush(test::in(50ms)));
    }
    const Account account = accounts->now();
    CHECK(account.balanced());
    CHECK(account.dropped_for(Account::Loss::shutdown) == points.size());
}

TEST_CASE("HTTP: with a silent TSD the destructor counts sent points as unconfirmed") {
    const FakeTsd tsd{{.faults = {.breakage = {.how = Break::mute}}}};
    const auto points = some_points(20'000);
    std::shared_ptr<stage::Ledger> accounts;
    {
        TsdHttp transmitter{http(tsd), {.host_tag = HostTag::named("h"), .connections = 1}};
        accounts = transmitter.accounts();
        publish_all(transmitter, points);
        REQUIRE(tsd.wait_for(1));
    }
    const Account account = accounts->now();
    CHECK(account.balanced());
    CHECK(account.in_flight == 0);
    CHECK(account.unconfirmed == tsd.stored());
    CHECK(account.dropped_for(Account::Loss::shutdown) == points.size() - tsd.stored());
}

TEST_CASE("HTTP: an end during the search for a bad point leaves no point out of the accounts") {
    const FakeTsd tsd{{.personality = Personality::influxdb, .faults = {.refuse = Refusal::unknown_metric}}};
    const auto points = some_points(3'000);
    std::shared_ptr<stage::Ledger> accounts;
    {
        TsdHttp transmitter{http(tsd), {.host_tag = HostTag::named("h"), .connections = 1}};
        accounts = transmitter.accounts();
        publish_all(transmitter, points);
        REQUIRE(tsd.wait_until([](const testkit::Received& received) { return received.requests >= 4; }));
    }
    const Account account = accounts->now();
    CHECK(account.balanced());
    CHECK(account.in_flight == 0);
    CHECK(account.acked == 0);
    CHECK(account.unconfirmed + account.all_dropped() == points.size());
    CHECK(account.all_dropped() > 0); // an answered point is not in doubt
}
