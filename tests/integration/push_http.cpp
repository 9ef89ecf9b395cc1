// SPDX-License-Identifier: MIT
// TsdHttp against a TSD that fails: what it says became of the points is compared with what the TSD counted.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <support/catch.hpp>
#include <support/pushing.hpp>
#include <support/seed.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using test::check_books;
using test::publish_all;
using test::push_http;
using test::Pushed;
using test::some_points;
using testkit::Break;
using testkit::FakeTsd;
using testkit::Faults;
using testkit::HttpRequest;
using testkit::Personality;
using testkit::Refusal;

std::string http(const FakeTsd& tsd) { return "http://" + tsd.address(); }

Faults poisoned(Refusal refusal = Refusal::unknown_metric) {
    return {.refuse = refusal, .refuse_if = [](std::string_view metric) { return metric == "poison"; }};
}

/// Good points with bad ones among them.
std::vector<Point> with_poison(std::size_t good, std::size_t bad) {
    auto points = some_points(good);
    const auto poison = some_points(bad, "poison");
    points.insert(points.begin() + static_cast<std::ptrdiff_t>(good / 3), poison.begin(), poison.end());
    return points;
}

void check_all_stored_once(const FakeTsd& tsd, const Pushed& pushed, std::size_t number) {
    check_books(pushed, number);
    CHECK(pushed.account.acked == number);
    CHECK(pushed.account.resent == 0);
    CHECK(tsd.stored() == number);
    CHECK(tsd.distinct() == number);
}

std::size_t largest_body(const std::vector<HttpRequest>& requests) {
    std::size_t size = 0;
    for (const HttpRequest& request : requests) {
        size = std::max(size, request.wire_size);
    }
    return size;
}

} // namespace

TEST_CASE("HTTP: points arrive once each at every kind of TSD, in requests as each of them takes them") {
    const auto personality = GENERATE(Personality::opentsdb, Personality::influxdb, Personality::victoria_metrics);
    const bool gzip = GENERATE(true, false);
    CAPTURE(personality, gzip);
    const FakeTsd tsd{{.personality = personality}};
    const auto points = some_points(30'000);
    const Pushed pushed = push_http(http(tsd), points, {.gzip = gzip});
    check_all_stored_once(tsd, pushed, points.size());
    CHECK(tsd.contains("put m 1700000000 7 cpu=7 host=h"));
    REQUIRE(pushed.status.targets.size() == 1);
    CHECK(pushed.status.targets[0].confirmation == Confirmation::parsed);
    CHECK(pushed.status.targets[0].failures == 0);
    CHECK(tsd.connections() <= 4);
    for (const HttpRequest& request : tsd.requests()) {
        REQUIRE(request.target == "/api/put?details");
        REQUIRE(request.encoding == (gzip ? "gzip" : ""));
        REQUIRE(!request.chunked);
        REQUIRE(!request.expects_continue);
        REQUIRE(request.authorization.empty());
    }
}

TEST_CASE("HTTP: stamps of milliseconds have 13 digits") {
    const FakeTsd tsd;
    const auto points = some_points(300, "fine", 250ms);
    check_all_stored_once(tsd, push_http(http(tsd), points), points.size());
    CHECK(tsd.contains("put fine 1700000000000 7 cpu=7 host=h"));
    CHECK(tsd.contains("put fine 1700000000250 107 cpu=7 host=h"));
}

TEST_CASE(
    "HTTP: with sync an answer of OpenTSDB means stored, and one of a server that does not know it means parsed") {
    const auto [personality, confirmation] = GENERATE(std::pair{Personality::opentsdb, Confirmation::stored},
                                                      std::pair{Personality::victoria_metrics, Confirmation::parsed});
    const FakeTsd tsd{{.personality = personality}};
    const auto points = some_points(1'000);
    const Pushed pushed = push_http(http(tsd), points, {.sync = true});
    check_all_stored_once(tsd, pushed, points.size());
    CHECK(pushed.status.targets.at(0).confirmation == confirmation);
    CHECK(tsd.requests().at(0).target == "/api/put?sync&details");
}

TEST_CASE("HTTP: bodies grow until one is refused for its size, and that one is sent again in parts") {
    const std::size_t limit = GENERATE(2000U, 8192U, 20'000U);
    const unsigned status = GENERATE(400U, 413U, 0U);
    if (status == 0 && limit < 8192) {
        return; // nobody closes on less than OpenTSDB takes
    }
    CAPTURE(limit, status);
    const FakeTsd tsd{{.faults = {.max_body = limit, .large_body_status = status}}};
    const auto points = some_points(40'000);
    const Pushed pushed = push_http(http(tsd), points, {.gzip = false});
    check_books(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.stored() == points.size());
    CHECK(tsd.distinct() == points.size());
    const auto requests = tsd.requests();
    const auto too_large = [limit](const HttpRequest& request) { return request.wire_size > limit; };
    // Each connection may have had one under way when it became known, for each halving.
    CHECK(std::count_if(requests.begin(), requests.end(), too_large) <= 4 * 3);
    // And what it found out, it makes use of.
    const std::vector<HttpRequest> later(requests.begin() + static_cast<std::ptrdiff_t>(requests.size() / 2),
                                         requests.end());
    CHECK(std::none_of(later.begin(), later.end(), too_large));
    CHECK(largest_body(later) > limit / 3);
}

TEST_CASE("HTTP: at a server that takes any body they become large, but no larger than a mebibyte") {
    const FakeTsd tsd{{.personality = Personality::victoria_metrics}};
    const auto points = some_points(300'000);
    check_all_stored_once(tsd, push_http(http(tsd), points, {.gzip = false}), points.size());
    const std::size_t largest = largest_body(tsd.requests());
    CHECK(largest > 500'000);
    CHECK(largest <= 1'048'576);
}

TEST_CASE("HTTP: points that a 400 names are rejected, and the others are stored") {
    const bool sync = GENERATE(false, true);
    const FakeTsd tsd{{.faults = poisoned()}};
    const auto points = with_poison(5'000, 3);
    const Pushed pushed = push_http(http(tsd), points, {.sync = sync});
    check_books(pushed, points.size());
    CHECK(pushed.account.rejected_for(Reason::refused) == 3);
    CHECK(pushed.account.acked == 5'000);
    CHECK(tsd.stored() == 5'000);
    CHECK(tsd.distinct() == 5'000);
    REQUIRE(pushed.status.replies.size() == 1);
    CHECK(pushed.status.replies[0].kind == "unknown_metric");
    CHECK(pushed.status.replies[0].count == 3);
    CHECK(pushed.status.targets.at(0).failures == 0);
}

TEST_CASE(
    "HTTP: of a thousand points with a poisoned one among them, which a 400 does not name, only that one is lost") {
    const FakeTsd tsd{{.personality = Personality::influxdb, .faults = poisoned()}};
    const auto points = with_poison(999, 1);
    const Pushed pushed = push_http(http(tsd), points);
    check_books(pushed, points.size());
    CHECK(pushed.account.rejected_for(Reason::refused) == 1);
    CHECK(pushed.account.acked == 999);
    CHECK(tsd.stored() == 999);
    CHECK(tsd.distinct() == 999);
    CHECK(tsd.requests().size() <= 60);
    REQUIRE(pushed.status.replies.size() == 1);
    CHECK(pushed.status.replies[0].kind == "http_400");
}

TEST_CASE("HTTP: what is refused wholesale is kept until it is taken") {
    // Each its own way: named, unnamed, by a status.
    const auto personality = GENERATE(Personality::opentsdb, Personality::influxdb);
    FakeTsd tsd{{.personality = personality, .faults = {.refuse = Refusal::unknown_metric}}};
    const auto points = some_points(5'000);
    const Pushed pushed = push_http(http(tsd), points, {}, [&tsd] {
        tsd.wait_until([](const testkit::Received& received) { return received.connections >= 6; });
        tsd.set_faults({});
    });
    check_all_stored_once(tsd, pushed, points.size());
    CHECK(pushed.account.all_rejected() == 0);
    CHECK_THAT(pushed.status.targets.at(0).last_failure, Catch::Matchers::ContainsSubstring("refuses more than half"));
}

TEST_CASE("HTTP: a status that takes nothing loses nothing") {
    const unsigned status = GENERATE(301U, 400U, 401U, 403U, 404U, 405U, 407U, 408U, 429U, 500U, 503U);
    CAPTURE(status);
    FakeTsd tsd{{.faults = {.http = {.status = status}}}};
    const auto points = some_points(2'000);
    const Pushed pushed = push_http(http(tsd), points, {}, [&tsd] {
        tsd.wait_until([](const testkit::Received& received) { return received.requests >= 5; });
        tsd.set_faults({});
    });
    check_all_stored_once(tsd, pushed, points.size());
    REQUIRE(pushed.status.replies.size() == 1);
    CHECK(pushed.status.replies[0].kind == "http_" + std::to_string(status));
    CHECK(pushed.status.targets.at(0).failures > 0);
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

TEST_CASE("HTTP: a 200 that says all failed stores nothing") {
    FakeTsd tsd{{.faults = {.http = {.status = 200, .requests = 3}}}};
    const auto points = some_points(500);
    check_all_stored_once(tsd, push_http(http(tsd), points, {.sync = true}), points.size());
}

TEST_CASE("HTTP: a request whose connection dies is sent again, and counted") {
    const Break how = GENERATE(Break::reset, Break::close);
    const FakeTsd tsd{{.faults = {.breakage = {.how = how, .after_lines = 700, .connections = 8}}}};
    const auto points = some_points(20'000);
    const Pushed pushed = push_http(http(tsd), points);
    check_books(pushed, points.size());
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
    check_books(pushed, points.size());
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
    check_books(pushed, points.size());
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
    check_books(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.distinct() == points.size());
}

TEST_CASE("HTTP: a TSD that does not answer in time is given up, and the points go to another connection") {
    const FakeTsd tsd{{.faults = {.breakage = {.how = Break::mute, .after_lines = 900, .connections = 2}}}};
    const auto points = some_points(5'000);
    const Pushed pushed = push_http(http(tsd), points, {.answer_within = 300ms});
    check_books(pushed, points.size());
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

TEST_CASE("HTTP: an end with a dead TSD is at once, and says what was left") {
    FakeTsd tsd;
    tsd.stop();
    const auto points = some_points(1'000);
    std::shared_ptr<Accounts> accounts;
    {
        TsdHttp transmitter{http(tsd), {.host_tag = HostTag::named("h")}};
        accounts = transmitter.accounts();
        publish_all(transmitter, points);
        CHECK_FALSE(transmitter.flush(test::in(50ms)));
    }
    const Account account = accounts->now();
    CHECK(account.balanced());
    CHECK(account.dropped_for(Loss::shutdown) == points.size());
}

TEST_CASE("HTTP: an end with a silent TSD counts what was sent as unconfirmed") {
    const FakeTsd tsd{{.faults = {.breakage = {.how = Break::mute}}}};
    const auto points = some_points(20'000);
    std::shared_ptr<Accounts> accounts;
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
    CHECK(account.dropped_for(Loss::shutdown) == points.size() - tsd.stored());
}

TEST_CASE("HTTP: an end in the midst of looking for a bad point leaves none out of the books") {
    const FakeTsd tsd{{.personality = Personality::influxdb, .faults = {.refuse = Refusal::unknown_metric}}};
    const auto points = some_points(3'000);
    std::shared_ptr<Accounts> accounts;
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
    CHECK(account.unconfirmed > 0);
}

TEST_CASE("HTTP: a full window makes publish return what it could not take") {
    FakeTsd tsd;
    tsd.stop();
    TsdHttp transmitter{http(tsd), {.host_tag = HostTag::named("h"), .patience = 1ms}};
    const auto points = some_points(100'000); // about 8 MB
    const Outcome outcome = transmitter.publish(points);
    CHECK(outcome.retry_from > 30'000);
    CHECK(outcome.retry_from < 80'000);
    CHECK(transmitter.publish(std::span{points}.subspan(outcome.retry_from)).retry_from == 0);
    CHECK(transmitter.accounts()->now().in_flight == outcome.retry_from);
}

TEST_CASE("HTTP: IPv6 addresses stand in brackets") {
    const FakeTsd tsd{{.ipv6 = true}};
    const auto points = some_points(10);
    check_all_stored_once(tsd, push_http("http://[::1]:" + std::to_string(tsd.port()), points), points.size());
}

TEST_CASE("HTTP: no more points go out than the rate allows") {
    const FakeTsd tsd;
    const auto points = some_points(60);
    check_all_stored_once(tsd, push_http(http(tsd), points, {.mps = 100}), points.size());
    CHECK(tsd.requests().size() >= 6); // of 10 at most
}

TEST_CASE("HTTP: credentials go to the target, and nowhere else") {
    FakeTsd tsd{{.faults = {.http = {.status = 401, .requests = 1}}}};
    const auto points = some_points(100);
    const Pushed pushed = push_http(http(tsd), points, {.credentials = Credentials::user("Aladdin", "open sesame")});
    check_all_stored_once(tsd, pushed, points.size());
    for (const HttpRequest& request : tsd.requests()) {
        CHECK(request.authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }
    std::string all = pushed.status.targets.at(0).last_failure;
    for (const ReplyCount& reply : pushed.status.replies) {
        all += reply.sample;
    }
    CHECK(!all.empty());
    CHECK(all.find("sesame") == std::string::npos);
    CHECK(all.find("QWxh") == std::string::npos);
}

TEST_CASE("HTTP: what cannot be pushed to is refused with a sentence") {
    const auto sentence = [](const Targets& targets, const TsdHttpOptions& options = {}) -> std::string {
        try {
            const TsdHttp transmitter{targets, options};
        } catch (const UsageError& error) {
            return error.what();
        }
        return {};
    };
    using Catch::Matchers::ContainsSubstring;
    CHECK_THAT(sentence("tsd:4242"), ContainsSubstring("http://host:4242/api/put"));
    CHECK_THAT(sentence("https://tsd"), ContainsSubstring("link tickertape::tls"));
    CHECK_THAT(sentence("http://tsd", {.connections = 0}), ContainsSubstring("1 to 64"));
    CHECK_THAT(sentence("http://tsd", {.connections = 65}), ContainsSubstring("1 to 64"));
    CHECK_THAT(sentence("http://tsd", {.patience = -1ms}), ContainsSubstring("negative"));
    CHECK_THAT(sentence("http://tsd", {.answer_within = 0ms}), ContainsSubstring("not positive"));
}
