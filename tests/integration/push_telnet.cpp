// SPDX-License-Identifier: MIT
// TsdTelnet with a TSD that fails. Its account is compared with the TSD's counts.
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <support/catch.hpp>
#include <support/long_time.hpp>
#include <support/seed.hpp>
#include <support/watch_account.hpp>
#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tsd_telnet.hpp>

#include "stage/ledger.hpp"

namespace {

using namespace std::chrono_literals;
using test::long_time;
using namespace tickertape;
using testkit::Break;
using testkit::FakeTsd;
using testkit::Personality;
using testkit::Refusal;

SteadyTime in(std::chrono::nanoseconds time) { return std::chrono::steady_clock::now() + time; }

/// Returns points that are all different, of a hundred series.
std::vector<Point> some_points(std::size_t number, const std::string& metric = "m") {
    std::vector<Series> series;
    for (int i = 0; i < 100; ++i) {
        series.emplace_back(Name{metric}, Tags{{"cpu", std::to_string(i)}}, SeriesOptions{.step = 1s});
    }
    std::vector<Point> points;
    for (std::size_t i = 0; i < number; ++i) {
        points.emplace_back(series[i % series.size()],
                            WallTime{1'700'000'000s + std::chrono::seconds{i / series.size()}}, i);
    }
    return points;
}

/// Publishes all points in portions, as often as necessary.
void publish_all(Transmitter& transmitter, std::span<const Point> points, SteadyTime deadline = in(long_time)) {
    while (!points.empty() && std::chrono::steady_clock::now() < deadline) {
        points =
            points.subspan(transmitter.publish(points.first(std::min<std::size_t>(points.size(), 1000))).retry_from);
    }
    REQUIRE(points.empty());
}

struct Pushed {
    Account account;
    PushStatus status;
    bool all_answered = false;
    bool always_balanced = false;
};

/// Publishes points while `meanwhile` runs, and waits for the answers.
Pushed push_telnet(
    const FakeTsd& tsd, std::span<const Point> points, const std::function<void()>& meanwhile = [] {},
    PushOptions options = {}) {
    options.host_tag = HostTag::named("h");
    TsdTelnet transmitter{tsd.address(), options};
    const test::WatchAccount watch{transmitter.accounts()};
    std::thread other{meanwhile};
    publish_all(transmitter, points);
    const bool all = transmitter.flush(in(long_time));
    other.join();
    return {transmitter.accounts()->now(), transmitter.status(), all, watch.always_balanced()};
}

void check_accounts(const Pushed& pushed, std::size_t number) {
    CHECK(pushed.always_balanced);
    CHECK(pushed.account.accepted == number);
    CHECK(pushed.account.queued == 0);
    CHECK(pushed.account.in_flight == 0);
    CHECK(pushed.all_answered);
}

void check_all_stored_once(const FakeTsd& tsd, const Pushed& pushed, std::size_t number) {
    check_accounts(pushed, number);
    CHECK(pushed.account.acked == number);
    CHECK(tsd.stored() == number);
    CHECK(tsd.distinct() == number);
}

} // namespace

TEST_CASE("Points arrive once each at every kind of TSD, which is asked in the way it understands") {
    const auto [personality, confirmation] =
        GENERATE(std::pair{Personality::opentsdb, PushStatus::Confirmation::parsed},
                 std::pair{Personality::influxdb, PushStatus::Confirmation::parsed},
                 std::pair{Personality::victoria_metrics, PushStatus::Confirmation::unconfirmed});
    const FakeTsd tsd{{.personality = personality}};
    const auto points = some_points(30'000);
    const Pushed pushed = push_telnet(tsd, points);
    check_all_stored_once(tsd, pushed, points.size());
    CHECK(pushed.status.targets.at(0).confirmation == confirmation);
    CHECK(tsd.received().refused == (personality == Personality::victoria_metrics ? 1 : 0)); // the question
    CHECK(tsd.contains("put m 1700000000 7 cpu=7 host=h"));
}

TEST_CASE("Points that are handed over while the TSD is down are not lost") {
    FakeTsd tsd;
    tsd.stop();
    const auto points = some_points(30'000);
    const Pushed pushed = push_telnet(tsd, points, [&tsd] {
        std::this_thread::sleep_for(700ms);
        tsd.start();
    });
    check_all_stored_once(tsd, pushed, points.size());
    CHECK(pushed.status.targets.at(0).failures > 0);
}

TEST_CASE("Points that a dead connection left unanswered are sent again, byte for byte, to a TSD that can be asked") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    FakeTsd tsd;
    const Break how = GENERATE(Break::reset, Break::close);
    const auto points = some_points(60'000);
    const Pushed pushed = push_telnet(tsd, points, [&] {
        for (int i = 0; i < 5; ++i) {
            tsd.wait_for(10'000U * static_cast<unsigned>(i) + test::up_to(random, 9'000), 20s);
            tsd.break_connections(how);
        }
    });
    check_accounts(pushed, points.size());
    // The first line to an unknown target may be in doubt.
    CHECK(pushed.account.unconfirmed <= 5);
    CHECK(pushed.account.acked == points.size() - pushed.account.unconfirmed);
    CHECK(tsd.distinct() >= pushed.account.acked);
    CHECK(tsd.received().duplicates <= pushed.account.resent);
}

TEST_CASE("A batch in which the connection is reset again and again gets through") {
    const FakeTsd tsd{{.faults = {.breakage = {.how = Break::reset, .after_lines = 700, .connections = 6}}}};
    const auto points = some_points(20'000);
    const Pushed pushed = push_telnet(tsd, points);
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked + pushed.account.unconfirmed == points.size());
    CHECK(pushed.account.unconfirmed <= 6);
    CHECK(tsd.distinct() >= pushed.account.acked);
    CHECK(pushed.account.resent > 0);
}

TEST_CASE("Points that may have arrived at a TSD that cannot be asked are unconfirmed, and not sent twice") {
    const FakeTsd tsd{{.personality = Personality::victoria_metrics,
                       .faults = {.breakage = {.how = Break::reset, .after_lines = 700, .connections = 3}}}};
    const auto points = some_points(30'000);
    const Pushed pushed = push_telnet(tsd, points);
    check_accounts(pushed, points.size());
    CHECK(pushed.account.unconfirmed > 0);
    CHECK(pushed.account.acked + pushed.account.unconfirmed == points.size());
    CHECK(tsd.received().duplicates == 0);
    CHECK(pushed.account.resent == 0);
    CHECK(tsd.distinct() >= pushed.account.acked);
    CHECK(tsd.distinct() <= points.size());
}

TEST_CASE("On request points that may have arrived are sent again") {
    const FakeTsd tsd{{.personality = Personality::victoria_metrics,
                       .faults = {.breakage = {.how = Break::reset, .after_lines = 700, .connections = 3}}}};
    const auto points = some_points(30'000);
    const Pushed pushed = push_telnet(tsd, points, [] {}, {.resend_unconfirmed = true});
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.distinct() == points.size());
    CHECK(pushed.account.resent > 0);
}

TEST_CASE("Connections that are accepted and then closed cost a line each at most") {
    const auto personality = GENERATE(Personality::opentsdb, Personality::victoria_metrics);
    const FakeTsd tsd{{.personality = personality, .faults = {.breakage = {.how = Break::close, .connections = 4}}}};
    const auto points = some_points(10'000);
    const Pushed pushed = push_telnet(tsd, points);
    check_accounts(pushed, points.size());
    CHECK(pushed.account.unconfirmed <= 4);
    CHECK(pushed.account.acked == points.size() - pushed.account.unconfirmed);
    CHECK(tsd.distinct() >= pushed.account.acked);
    CHECK(tsd.received().duplicates == 0);
}

TEST_CASE("A TSD that stands still for a while gets every point once") {
    const auto personality = GENERATE(Personality::opentsdb, Personality::victoria_metrics);
    FakeTsd tsd{{.personality = personality, .faults = {.breakage = {.how = Break::stall, .after_lines = 900}}}};
    const auto points = some_points(40'000);
    const Pushed pushed = push_telnet(tsd, points, [&tsd] {
        tsd.wait_for(900, 20s);
        std::this_thread::sleep_for(300ms);
        tsd.set_faults({});
    });
    check_all_stored_once(tsd, pushed, points.size());
}

TEST_CASE("A TSD that keeps silent for too long is abandoned, and its points go to another connection") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::mute, .after_lines = 900, .connections = 1}}}};
    const auto points = some_points(5'000);
    const Pushed pushed = push_telnet(tsd, points, [] {}, {.answer_within = 200ms});
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.distinct() == points.size());
}

TEST_CASE("When a target dies, the next one takes over, and stays") {
    FakeTsd first;
    FakeTsd second;
    TsdTelnet transmitter{Targets{first.address(), second.address()}, {.host_tag = HostTag::named("h")}};
    const auto points = some_points(60'000);
    const std::span all{points};
    publish_all(transmitter, all.first(20'000));
    REQUIRE(transmitter.flush(in(long_time)));
    CHECK(second.connections() == 0);
    first.stop();
    publish_all(transmitter, all.subspan(20'000, 20'000));
    REQUIRE(transmitter.flush(in(long_time)));
    first.start();
    publish_all(transmitter, all.subspan(40'000));
    REQUIRE(transmitter.flush(in(long_time)));
    const Account account = transmitter.accounts()->now();
    CHECK(account.acked == points.size());
    CHECK(first.stored() == 20'000);
    CHECK(second.stored() == 40'000);
    CHECK(transmitter.status().targets.at(1).connected);
}

TEST_CASE("A bad point is counted and named, and the others are stored") {
    const FakeTsd tsd{
        {.faults = {.refuse = Refusal::unknown_metric, .refuse_if = [](std::string_view m) { return m == "poison"; }}}};
    auto points = some_points(5'000);
    const auto poison = some_points(3, "poison");
    points.insert(points.begin() + 2'000, poison.begin(), poison.end());
    const Pushed pushed = push_telnet(tsd, points);
    check_accounts(pushed, points.size());
    CHECK(pushed.account.rejected_for(Reason::refused) == 3);
    CHECK(pushed.account.acked == 5'000);
    CHECK(tsd.stored() == 5'000);
    REQUIRE(pushed.status.replies.size() == 1);
    CHECK(pushed.status.replies[0].kind == "unknown_metric");
    CHECK(pushed.status.replies[0].count == 6); // each series once more, at the end
    CHECK_THAT(pushed.status.replies[0].sample, Catch::Matchers::ContainsSubstring("poison"));
}

TEST_CASE("Points that a TSD refuses wholesale or cannot take now are kept until it takes them") {
    const auto refusal = GENERATE(Refusal::read_only, Refusal::unauthorized, Refusal::throttle, Refusal::hbase_error);
    FakeTsd tsd{{.faults = {.refuse = refusal}}};
    const auto points = some_points(5'000);
    const Pushed pushed = push_telnet(tsd, points, [&tsd] {
        tsd.wait_until([](const testkit::Received& received) { return received.connections >= 3; });
        tsd.set_faults({});
    });
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.distinct() == points.size());
}

TEST_CASE("Floods of replies do not delay sending") {
    const FakeTsd tsd{
        {.faults = {.refuse = Refusal::unknown_metric, .refuse_if = [](std::string_view m) { return m == "poison"; }}}};
    std::vector<Point> points;
    const auto good = some_points(60'000);
    const auto bad = some_points(30'000, "poison");
    for (std::size_t i = 0; i < bad.size(); ++i) { // a third of each batch
        points.push_back(good[2 * i]);
        points.push_back(good[2 * i + 1]);
        points.push_back(bad[i]);
    }
    const Pushed pushed = push_telnet(tsd, points);
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == good.size());
    CHECK(pushed.account.rejected_for(Reason::refused) == bad.size());
}

TEST_CASE("A remark that belongs to no point does not stop the others") {
    const FakeTsd tsd{{.faults = {.complaint = "AUTH_SUCCESS"}}};
    const auto points = some_points(5'000);
    const Pushed pushed = push_telnet(tsd, points);
    check_all_stored_once(tsd, pushed, points.size());
    REQUIRE(pushed.status.replies.size() == 1);
    CHECK(pushed.status.replies[0].kind == "remark");
}

TEST_CASE("With a dead TSD the destructor returns, and counts the remaining points as dropped") {
    FakeTsd tsd;
    tsd.stop();
    const auto points = some_points(1'000);
    std::shared_ptr<stage::Ledger> accounts;
    {
        TsdTelnet transmitter{tsd.address(), {.host_tag = HostTag::named("h")}};
        accounts = transmitter.accounts();
        publish_all(transmitter, points);
        CHECK_FALSE(transmitter.flush(in(50ms)));
    }
    const Account account = accounts->now();
    CHECK(account.balanced());
    CHECK(account.dropped_for(Account::Loss::shutdown) == points.size());
}

TEST_CASE("With a silent TSD the destructor counts sent points as unconfirmed") {
    const FakeTsd tsd{{.faults = {.breakage = {.how = Break::mute}}}};
    const auto points = some_points(1'000);
    std::shared_ptr<stage::Ledger> accounts;
    {
        TsdTelnet transmitter{tsd.address(), {.host_tag = HostTag::named("h")}};
        accounts = transmitter.accounts();
        publish_all(transmitter, points);
        REQUIRE(tsd.wait_for(1));
    }
    const Account account = accounts->now();
    CHECK(account.balanced());
    CHECK(account.unconfirmed == 1); // the question, which is never answered
    CHECK(account.dropped_for(Account::Loss::shutdown) == points.size() - 1);
}

TEST_CASE("With a full window publish returns the points that it could not take") {
    FakeTsd tsd;
    tsd.stop();
    TsdTelnet transmitter{tsd.address(), {.host_tag = HostTag::named("h"), .patience = 1ms}};
    const auto points = some_points(60'000); // about 2.3 MB
    const Outcome outcome = transmitter.publish(points);
    CHECK(outcome.retry_from > 20'000);
    CHECK(outcome.retry_from < 40'000);
    CHECK(transmitter.publish(std::span{points}.subspan(outcome.retry_from)).retry_from == 0);
    CHECK(transmitter.accounts()->now().in_flight == outcome.retry_from);
}

TEST_CASE("IPv6 addresses are in brackets") {
    const FakeTsd tsd{{.ipv6 = true}};
    TsdTelnet transmitter{std::string{"[::1]:"} + std::to_string(tsd.port()), {.host_tag = HostTag::named("h")}};
    const auto points = some_points(10);
    publish_all(transmitter, points);
    CHECK(transmitter.flush(in(long_time)));
    CHECK(tsd.stored() == 10);
}

TEST_CASE("No more lines go out than the rate allows") {
    const FakeTsd tsd;
    const auto points = some_points(60);
    const Pushed pushed = push_telnet(tsd, points, [] {}, {.mps = 100});
    check_all_stored_once(tsd, pushed, points.size());
    // At most 10 at once, because a batch ends with a question.
    CHECK(tsd.received().versions >= 6);
}
