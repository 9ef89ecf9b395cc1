// SPDX-License-Identifier: MIT
// A killed server loses the points that it acknowledged last. With `keep_acknowledged` it gets them again.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tsd_client.hpp>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/free_port.hpp"
#include "support/real_servers.hpp"
#include "support/spooled_client.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using testkit::FakeTsd;
using testkit::Personality;

TsdClientOptions options_in(const test::TemporaryDirectory& directory, std::optional<std::chrono::seconds> keep) {
    TsdClientOptions options = test::spooled_in(directory);
    options.spool.backlog_per_second = 1'000'000;
    options.spool.keep_acknowledged = keep;
    return options;
}

struct Case {
    std::string scheme = "tsd://";
    Personality personality = Personality::opentsdb;
    std::optional<std::chrono::seconds> keep = {};
    std::optional<bool> sync = {};
    bool is_sent_again = false;
};

using Counts = std::map<std::pair<std::string, std::int64_t>, int>; // points of a series in a second

/// Sends 1,000 series over a minute, in which the server is killed and started again. Returns the server's points at the end.
Counts counts_after_kill(test::RealServer& server, const std::string& target,
                         std::optional<std::chrono::seconds> keep) {
    constexpr int series = 1'000;
    constexpr int seconds = 60;
    constexpr int killed_after = 40;
    const test::TemporaryDirectory directory;
    TsdClient client{target, options_in(directory, keep)};
    // Sends at the highest rate, so that points are not on its disk when it is killed.
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto send = [&](int second) {
        for (int i = 0; i < series; ++i) {
            const std::string cpu = std::to_string(i);
            CHECK(client.send_at(now - 600s + std::chrono::seconds{second}, "crash", second, {{"cpu", cpu}}) ==
                  Sent::spooled);
        }
    };
    for (int second = 0; second < killed_after; ++second) {
        send(second);
    }
    REQUIRE(test::eventually([&] { return client.account().acked == std::uint64_t{series} * killed_after; }));
    server.kill();
    send(killed_after);
    REQUIRE(test::eventually(
        [&] { return client.status().targets.front().last_failure.find("Connection refused") != std::string::npos; }));
    server.start();
    for (int second = killed_after + 1; second < seconds; ++second) {
        send(second);
    }
    REQUIRE(test::eventually([&] {
        const Account account = client.account();
        return account.outages >= 1 && account.queued + account.spooled + account.in_flight == 0 &&
               account.acked >= std::uint64_t{series} * seconds;
    }));
    CHECK(client.wait(60s));
    Counts got;
    for (const test::StoredPoint& point : server.points("crash", std::size_t{series} * seconds)) {
        ++got[{point.series, point.ms}];
    }
    CHECK(got.size() == std::size_t{series} * seconds); // no second is missing
    return got;
}

std::ptrdiff_t twice(const Counts& counts) {
    return std::count_if(counts.begin(), counts.end(), [](const auto& entry) { return entry.second > 1; });
}

} // namespace

TEST_CASE("Points that a server acknowledged shortly before an outage are sent again on request, or if that is useful "
          "and harmless") {
    const Case each = GENERATE(
        Case{.keep = 60s, .is_sent_again = true}, Case{.keep = 0s}, Case{.is_sent_again = true},
        Case{.personality = Personality::influxdb, .is_sent_again = true},
        Case{.scheme = "http://"}, // it is asked for sync
        Case{.scheme = "http://", .sync = false, .is_sent_again = true},
        Case{.scheme = "http://", .personality = Personality::victoria_metrics},
        Case{.scheme = "http://", .personality = Personality::victoria_metrics, .keep = 60s, .is_sent_again = true});
    CAPTURE(each.scheme, each.personality, each.keep.has_value());
    const test::TemporaryDirectory directory;
    const std::uint16_t port = test::free_port();
    const testkit::FakeTsdOptions server{.port = port, .personality = each.personality};
    auto tsd = std::make_unique<FakeTsd>(server);
    TsdClientOptions options = options_in(directory, each.keep);
    options.sync = each.sync;
    TsdClient client{each.scheme + tsd->address(), options};
    for (int i = 0; i < 100; ++i) {
        CHECK(client.send_at(WallTime{1'700'000'000s + std::chrono::seconds{i}}, "m", i, {{"a", "b"}}) ==
              Sent::spooled);
    }
    REQUIRE(test::eventually([&] { return client.account().acked == 100; }));
    tsd = nullptr; // all its points are gone, too
    CHECK(client.send_at(WallTime{1'700'001'000s}, "m", 1, {{"a", "b"}}) == Sent::spooled);
    REQUIRE(test::eventually(
        [&] { return client.status().targets.front().last_failure.find("Connection refused") != std::string::npos; }));
    tsd = std::make_unique<FakeTsd>(server);
    const std::uint64_t wanted = each.is_sent_again ? 101 : 1;
    REQUIRE(test::eventually([&] { return tsd->distinct() == wanted; }));
    REQUIRE(test::eventually([&] { return client.account().acked >= 100 + wanted; }));
    CHECK(client.account().outages == 1);
    CHECK(client.account().balanced());
    CHECK(client.wait(60s));
    CHECK(tsd->distinct() == wanted);
}

TEST_CASE("A real VictoriaMetrics that is killed has no second missing if points are kept, and with deduplication none "
          "twice") {
    const bool removes_duplicates = GENERATE(false, true);
    CAPTURE(removes_duplicates);
    const std::vector<std::string> arguments{"-dedup.minScrapeInterval=1s"};
    test::RealVictoriaMetrics server{"100y", removes_duplicates ? arguments : std::vector<std::string>{}};
    const std::ptrdiff_t repeated = twice(counts_after_kill(server, server.http(), 60s));
    CAPTURE(repeated); // those that were on its disk at the kill
    CHECK((repeated == 0 || !removes_duplicates));
}

TEST_CASE("A real InfluxDB that is killed has no second missing and none twice, without any setting") {
    const std::size_t protocol = GENERATE(as<std::size_t>{}, 0, 1, 2);
    test::RealInfluxDb server;
    const std::string target = std::array{server.influx(), server.telnet(), server.http()}[protocol];
    CAPTURE(target);
    CHECK(twice(counts_after_kill(server, target, std::nullopt)) == 0);
}
