// SPDX-License-Identifier: MIT
// TsdHttp with a TSD that works, and with one that refuses points. Its account is compared with the TSD's counts.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/pushing.hpp>

#include "stage/ledger.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using test::check_accounts;
using test::check_all_stored_once;
using test::http;
using test::poisoned;
using test::push_http;
using test::Pushed;
using test::some_points;
using test::with_poison;
using testkit::FakeTsd;
using testkit::HttpRequest;
using testkit::Personality;
using testkit::Refusal;

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
    const bool is_opentsdb = personality == Personality::opentsdb;
    CHECK(pushed.status.targets[0].confirmation ==
          (is_opentsdb ? PushStatus::Confirmation::stored : PushStatus::Confirmation::parsed));
    CHECK(pushed.status.targets[0].failures == 0);
    CHECK(tsd.connections() <= 4);
    for (const HttpRequest& request : tsd.requests()) {
        REQUIRE(request.target == (is_opentsdb ? "/api/put?sync&details" : "/api/put?details"));
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

TEST_CASE("HTTP: the option sync decides whether sync is requested, whatever the target is") {
    const auto personality = GENERATE(Personality::opentsdb, Personality::victoria_metrics);
    const bool sync = GENERATE(true, false);
    CAPTURE(personality, sync);
    const FakeTsd tsd{{.personality = personality}};
    const auto points = some_points(1'000);
    const Pushed pushed = push_http(http(tsd), points, {.sync = sync});
    check_all_stored_once(tsd, pushed, points.size());
    const bool is_stored = sync && personality == Personality::opentsdb;
    CHECK(pushed.status.targets.at(0).confirmation ==
          (is_stored ? PushStatus::Confirmation::stored : PushStatus::Confirmation::parsed));
    CHECK(tsd.requests().at(0).target == (sync ? "/api/put?sync&details" : "/api/put?details"));
    CHECK(tsd.received().requests == tsd.requests().size()); // the sender did not ask for its version
}

TEST_CASE("HTTP: a target is asked for its version once, however many connections there are") {
    const auto personality = GENERATE(Personality::opentsdb, Personality::victoria_metrics, Personality::influxdb);
    FakeTsd tsd{{.personality = personality}};
    const auto points = some_points(60'000);
    const Pushed pushed = push_http(http(tsd), points, {}, [&tsd] {
        tsd.wait_for(10'000);
        tsd.break_connections(testkit::Break::close);
    });
    check_accounts(pushed, points.size());
    CHECK(tsd.distinct() == points.size());
    CHECK(tsd.received().requests == tsd.requests().size() + 1);
}

TEST_CASE("HTTP: bodies grow until one is refused for its size, and that one is sent again in parts") {
    const std::size_t limit = GENERATE(2000U, 8192U, 20'000U);
    const unsigned status = GENERATE(400U, 413U, 0U);
    if (status == 0 && limit < 8192) {
        return; // no server closes at a size that OpenTSDB accepts
    }
    CAPTURE(limit, status);
    const FakeTsd tsd{{.faults = {.max_body = limit, .large_body_status = status}}};
    const auto points = some_points(40'000);
    const Pushed pushed = push_http(http(tsd), points, {.gzip = false});
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.stored() == points.size());
    CHECK(tsd.distinct() == points.size());
    const auto requests = tsd.requests();
    const auto too_large = [limit](const HttpRequest& request) { return request.wire_size > limit; };
    // Each connection may have had one request in flight when the limit became known, for each halving of a body of at most 1
    // MiB.
    CHECK(std::count_if(requests.begin(), requests.end(), too_large) <= 4 * 10);
    // And it uses the limit that it found.
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
    check_accounts(pushed, points.size());
    CHECK(pushed.account.rejected_for(Reason::refused) == 3);
    CHECK(pushed.account.acked == 5'000);
    CHECK(tsd.stored() == 5'000);
    CHECK(tsd.distinct() == 5'000);
    REQUIRE(pushed.status.replies.size() == 1);
    CHECK(pushed.status.replies[0].kind == "unknown_metric");
    CHECK(pushed.status.replies[0].count == 6); // each series once more, at the end
    CHECK(pushed.status.targets.at(0).failures == 0);
}

TEST_CASE("HTTP: of a thousand points with a bad one that a 400 does not name, only the bad one is lost") {
    const FakeTsd tsd{{.personality = Personality::influxdb, .faults = poisoned()}};
    const auto points = with_poison(999, 1);
    const Pushed pushed = push_http(http(tsd), points);
    check_accounts(pushed, points.size());
    CHECK(pushed.account.rejected_for(Reason::refused) == 1);
    CHECK(pushed.account.acked == 999);
    CHECK(tsd.stored() == 999);
    CHECK(tsd.distinct() == 999);
    CHECK(tsd.requests().size() <= 60);
    REQUIRE(pushed.status.replies.size() == 1);
    CHECK(pushed.status.replies[0].kind == "http_400");
}

TEST_CASE("HTTP: points that a server refuses wholesale are kept until it takes them") {
    FakeTsd tsd{{.personality = Personality::influxdb, .faults = {.refuse = Refusal::unknown_metric}}};
    const auto points = some_points(5'000);
    const Pushed pushed = push_http(http(tsd), points, {}, [&tsd] {
        tsd.wait_until([](const testkit::Received& received) { return received.connections >= 6; });
        tsd.set_faults({});
    });
    check_all_stored_once(tsd, pushed, points.size());
    CHECK(pushed.account.all_rejected() == 0);
    CHECK_THAT(pushed.status.targets.at(0).last_failure, Catch::Matchers::ContainsSubstring("refuses all"));
}

TEST_CASE("HTTP: with a full window publish returns the points that it could not take") {
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

TEST_CASE("HTTP: IPv6 addresses are in brackets") {
    const FakeTsd tsd{{.ipv6 = true}};
    const auto points = some_points(10);
    check_all_stored_once(tsd, push_http("http://[::1]:" + std::to_string(tsd.port()), points), points.size());
}

TEST_CASE("HTTP: no more points go out than the rate allows") {
    const FakeTsd tsd;
    const auto points = some_points(60);
    const auto begin = std::chrono::steady_clock::now();
    check_all_stored_once(tsd, push_http(http(tsd), points, {.mps = 100}), points.size());
    CHECK(std::chrono::steady_clock::now() - begin >= 450ms); // ten of them at once
    CHECK(tsd.requests().size() >= 6);                        // at most 10
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
    for (const PushStatus::Reply& reply : pushed.status.replies) {
        all += reply.sample;
    }
    CHECK(!all.empty());
    CHECK(all.find("sesame") == std::string::npos);
    CHECK(all.find("QWxh") == std::string::npos);
}

TEST_CASE("HTTP: invalid targets and options are refused with a sentence") {
    const auto sentence = [](const Targets& targets, const PushOptions& options = {}) -> std::string {
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
