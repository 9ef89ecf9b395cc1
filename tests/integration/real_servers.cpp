// SPDX-License-Identifier: MIT
// Points to real servers: each is counted where it arrived.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/process.hpp>
#include <support/pushing.hpp>
#include <support/real_servers.hpp>
#include <support/temporary_directory.hpp>
#include <tickertape/influx.hpp>
#include <tickertape/tsd_http.hpp>
#include <tickertape/tsd_telnet.hpp>

#include "stage/ledger.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using test::RealInfluxDb;
using test::RealServer;
using test::RealVictoriaMetrics;
using test::some_points;
using test::StoredPoint;

constexpr std::size_t million = 1'000'000;
constexpr std::chrono::milliseconds ages = 240s;

/// Returns how many of the first `number` of `some_points` are there, each once and in its place.
std::size_t right_and_once(const std::vector<StoredPoint>& points, std::size_t number) {
    std::vector<bool> seen(number);
    std::size_t right = 0;
    for (const StoredPoint& point : points) {
        const auto seconds = static_cast<std::int64_t>(1'700'000'000 + point.value / 100);
        if (point.value < number && !seen[point.value] && point.ms == seconds * 1000 &&
            point.series == std::to_string(point.value % 100)) {
            seen[point.value] = true;
            ++right;
        }
    }
    return right;
}

void check_all_stored_once(RealServer& server, std::size_t number) {
    const auto points = server.points("m", number);
    CHECK(points.size() == number);
    CHECK(right_and_once(points, number) == number);
}

void check_all_acked(const Account& account, std::size_t number) {
    CHECK(account.accepted == number);
    CHECK(account.acked == number);
    CHECK(account.resent == 0);
}

template <class Sender>
void push_a_million(Sender& sender) {
    const auto points = some_points(million);
    for (std::span<const Point> left{points}; !left.empty();) {
        left = left.subspan(sender.publish(left.first(std::min<std::size_t>(left.size(), 1000))).retry_from);
    }
    REQUIRE(sender.flush(test::in(ages)));
    check_all_acked(sender.accounts()->now(), million);
}

void push_a_million_by_telnet(RealServer& server, PushStatus::Confirmation confirmation) {
    TsdTelnet sender{server.telnet(), {.host_tag = HostTag::named("h")}};
    push_a_million(sender);
    CHECK(sender.status().targets.at(0).confirmation == confirmation);
    CHECK(sender.status().targets.at(0).failures == 0);
    check_all_stored_once(server, million);
}

void push_a_million_by_http(RealServer& server) {
    TsdHttp sender{server.http(), {.host_tag = HostTag::named("h")}};
    push_a_million(sender);
    CHECK(sender.status().targets.at(0).failures == 0);
    check_all_stored_once(server, million);
}

void push_a_file_of_a_million(RealServer& server) {
    const test::TemporaryDirectory directory;
    const std::filesystem::path path = directory.path() / "lines";
    std::ofstream file{path};
    for (std::size_t i = 0; i < million; ++i) {
        file << "put m " << 1'700'000'000 + i / 100 << " " << i << " cpu=" << i % 100 << " host=h\n";
    }
    file.close();
    const auto program = test::collector("tickertape");
    const test::Result result =
        test::run({.program = program, .arguments = {"push", server.telnet(), path.string()}}, ages);
    CAPTURE(result.err);
    CHECK(result.ended == test::exit_0);
    CHECK_THAT(result.err, Catch::Matchers::ContainsSubstring(
                               "1000000 lines: 1000000 acknowledged, 0 unconfirmed, 0 rejected, 0 dropped;"));
    check_all_stored_once(server, million);
}

} // namespace

TEST_CASE("A real VictoriaMetrics gets a million points by telnet, each once") {
    RealVictoriaMetrics server;
    push_a_million_by_telnet(server, PushStatus::Confirmation::unconfirmed);
}

TEST_CASE("A real InfluxDB gets a million points by telnet, each once") {
    RealInfluxDb server;
    push_a_million_by_telnet(server, PushStatus::Confirmation::parsed);
}

TEST_CASE("A real VictoriaMetrics gets a million points by HTTP, each once") {
    RealVictoriaMetrics server;
    push_a_million_by_http(server);
}

TEST_CASE("A real InfluxDB gets a million points by HTTP, each once") {
    RealInfluxDb server;
    push_a_million_by_http(server);
}

TEST_CASE("A real InfluxDB gets a million points in its own protocol, each once") {
    RealInfluxDb server;
    Influx sender{server.influx(), {.host_tag = HostTag::named("h")}};
    push_a_million(sender);
    CHECK(sender.status().targets.at(0).failures == 0);
    check_all_stored_once(server, million);
}

TEST_CASE("push brings a file of a million lines to a real VictoriaMetrics, each once") {
    RealVictoriaMetrics server;
    push_a_file_of_a_million(server);
}

TEST_CASE("push brings a file of a million lines to a real InfluxDB, each once") {
    RealInfluxDb server;
    push_a_file_of_a_million(server);
}
