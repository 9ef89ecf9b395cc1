// SPDX-License-Identifier: MIT
// Real servers that fail while points are pushed to them: the account is compared with the stored points.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/pushing.hpp>
#include <support/real_servers.hpp>
#include <support/watch_account.hpp>
#include <tickertape/influx.hpp>
#include <tickertape/tsd_client.hpp>
#include <tickertape/tsd_http.hpp>
#include <tickertape/tsd_telnet.hpp>

#include "stage/ledger.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using test::RealInfluxDb;
using test::RealVictoriaMetrics;
using test::some_points;
using test::StoredPoint;

constexpr auto ages = 240s;

/// Calls `done` repeatedly. Returns whether it returned true in time.
template <class Done>
bool wait_until(Done done) {
    const auto deadline = test::in(60s);
    while (!done()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

/// Publishes points on its own thread, while the test does something to the server.
template <class Sender>
class Stream {
public:
    Stream(Sender sender, std::vector<Point> points)
        : sender_{std::move(sender)}, points_{std::move(points)}, watch_{sender_.accounts()},
          thread_{[this](const std::stop_token& stop) { publish(stop); }} {}

    [[nodiscard]] Account account() const { return sender_.accounts()->now(); }
    [[nodiscard]] bool wait_for_acked(std::uint64_t number) const {
        return wait_until([&] { return account().acked >= number; });
    }
    [[nodiscard]] std::uint64_t failures() const {
        std::uint64_t failures = 0;
        for (const PushStatus::Target& target : sender_.status().targets) {
            failures += target.failures;
        }
        return failures;
    }
    /// Returns when everything is published and answered.
    Account finish() {
        thread_.join();
        CHECK(sender_.flush(test::in(ages)));
        const Account account = this->account();
        CHECK(watch_.always_balanced());
        CHECK(account.accepted == points_.size());
        CHECK(account.in_flight == 0);
        CHECK(account.all_rejected() + account.all_dropped() == 0);
        CHECK(account.acked + account.unconfirmed == points_.size());
        return account;
    }

private:
    void publish(const std::stop_token& stop) {
        for (std::span<const Point> left{points_}; !left.empty() && !stop.stop_requested();) {
            left = left.subspan(sender_.publish(left.first(std::min<std::size_t>(left.size(), 1000))).retry_from);
        }
    }

    Sender sender_;
    std::vector<Point> points_;
    test::WatchAccount watch_;
    std::jthread thread_;
};

std::vector<std::uint64_t> values_of(const std::vector<StoredPoint>& points) {
    std::vector<std::uint64_t> values;
    for (const StoredPoint& point : points) {
        values.push_back(point.value);
    }
    std::sort(values.begin(), values.end());
    return values;
}

/// For sorted values.
std::size_t distinct(const std::vector<std::uint64_t>& values) {
    std::size_t distinct = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        distinct += i == 0 || values[i] != values[i - 1] ? 1U : 0U;
    }
    return distinct;
}

/// Kills the server while points come; those that it has not read are certainly lost. Returns how many acknowledged points it may
/// have lost, too: those that came after it last wrote its memory to disk. Losing these is the server's fault.
template <class Server, class Sender>
std::uint64_t kill_in_mid_stream(Server& server, const Stream<Sender>& stream) {
    const std::uint64_t safe = stream.account().acked;
    if constexpr (std::is_same_v<Server, RealVictoriaMetrics>) {
        server.save();
    } else {
        static_cast<void>(server.points("m", safe)); // points that a query returns are in its log
    }
    server.freeze();
    std::uint64_t acked = 0;
    while (std::exchange(acked, stream.account().acked) != stream.account().acked) { // answers in flight
        std::this_thread::sleep_for(200ms);
    }
    const std::uint64_t failures = stream.failures();
    server.kill();
    REQUIRE(wait_until([&] { return stream.failures() > failures; }));
    return acked - safe;
}

PushOptions telnet_options(PushOptions options = {}) {
    options.host_tag = HostTag::named("h");
    return options;
}

} // namespace

TEST_CASE("A real VictoriaMetrics that is down at first gets all points once when it comes up") {
    RealVictoriaMetrics server;
    server.kill();
    Stream stream{TsdTelnet{server.telnet(), telnet_options()}, some_points(100'000)}; // more than the window
    REQUIRE(wait_until([&] { return stream.failures() >= 3; }));
    server.start();
    CHECK(stream.finish().acked == 100'000);
    const auto values = values_of(server.points("m", 100'000));
    CHECK(values.size() == 100'000);
    CHECK(distinct(values) == 100'000);
}

TEST_CASE("A real VictoriaMetrics that is killed and restarted again and again gets nothing twice") {
    RealVictoriaMetrics server;
    Stream stream{TsdTelnet{server.telnet(), telnet_options({.mps = 150'000})}, some_points(400'000)};
    std::uint64_t may_be_lost = 0;
    for (const std::uint64_t when : {30'000U, 100'000U, 200'000U}) {
        REQUIRE(stream.wait_for_acked(when));
        may_be_lost += kill_in_mid_stream(server, stream);
        server.start();
    }
    const Account account = stream.finish();
    CHECK(account.unconfirmed > 0);
    CHECK(account.resent == 0);
    const auto values = values_of(server.points("m", account.acked - may_be_lost));
    CHECK(values.size() == distinct(values));
    CHECK(values.size() >= account.acked - may_be_lost);
}

TEST_CASE("A real VictoriaMetrics has all that it acknowledged after an orderly restart in mid-stream") {
    RealVictoriaMetrics server;
    Stream stream{TsdTelnet{server.telnet(), telnet_options({.mps = 150'000})}, some_points(300'000)};
    for (const std::uint64_t when : {30'000U, 90'000U, 150'000U}) {
        REQUIRE(stream.wait_for_acked(when));
        server.stop();
        server.start();
    }
    const Account account = stream.finish();
    const auto values = values_of(server.points("m", account.acked));
    CHECK(values.size() == distinct(values));
    CHECK(values.size() >= account.acked);
}

TEST_CASE("A real VictoriaMetrics receives possibly lost points again on request") {
    RealVictoriaMetrics server;
    Stream stream{TsdTelnet{server.telnet(), telnet_options({.mps = 150'000, .resend_unconfirmed = true})},
                  some_points(200'000)};
    REQUIRE(stream.wait_for_acked(50'000));
    const std::uint64_t may_be_lost = kill_in_mid_stream(server, stream);
    server.start();
    const Account account = stream.finish();
    CHECK(account.unconfirmed == 0);
    const auto values = values_of(server.points("m", account.acked - may_be_lost));
    CHECK(distinct(values) >= account.acked - may_be_lost);
    CHECK(values.size() - distinct(values) <= account.resent);
}

TEST_CASE("A real InfluxDB receives unconfirmed points again after a kill and a restart") {
    RealInfluxDb server;
    Stream stream{TsdTelnet{server.telnet(), telnet_options({.mps = 50'000})}, some_points(120'000)};
    REQUIRE(stream.wait_for_acked(30'000));
    const std::uint64_t may_be_lost = kill_in_mid_stream(server, stream);
    server.start();
    const Account account = stream.finish();
    CHECK(account.unconfirmed <= 1); // the question on the new connection
    const auto values = values_of(server.points("m", account.acked - may_be_lost));
    CHECK(distinct(values) >= account.acked - may_be_lost);
}

TEST_CASE("Influx: a real InfluxDB that is killed and restarted has every point that it has answered, each once") {
    RealInfluxDb server;
    Stream stream{Influx{server.influx(), {.host_tag = HostTag::named("h"), .mps = 40'000}}, some_points(300'000)};
    REQUIRE(stream.wait_for_acked(80'000));
    const std::uint64_t may_be_lost = kill_in_mid_stream(server, stream);
    server.start();
    const Account account = stream.finish();
    CHECK(account.acked == 300'000);
    const auto values = values_of(server.points("m", account.acked - may_be_lost));
    CHECK(distinct(values) >= account.acked - may_be_lost);
    CHECK(values.size() == distinct(values)); // a repeated point replaces itself
}

TEST_CASE("HTTP: a real VictoriaMetrics receives unanswered points again after a kill and a restart") {
    RealVictoriaMetrics server;
    Stream stream{TsdHttp{server.http(), {.host_tag = HostTag::named("h"), .mps = 40'000}}, some_points(300'000)};
    REQUIRE(stream.wait_for_acked(80'000));
    const std::uint64_t may_be_lost = kill_in_mid_stream(server, stream);
    server.start();
    const Account account = stream.finish();
    CHECK(account.acked == 300'000);
    const auto values = values_of(server.points("m", account.acked - may_be_lost));
    CHECK(distinct(values) >= account.acked - may_be_lost);
    CHECK(values.size() - distinct(values) <= account.resent);
}

TEST_CASE("A real VictoriaMetrics that stands still for a while gets every point once") {
    RealVictoriaMetrics server;
    Stream stream{TsdTelnet{server.telnet(), telnet_options({.mps = 150'000})}, some_points(200'000)};
    REQUIRE(stream.wait_for_acked(30'000));
    server.freeze();
    std::this_thread::sleep_for(3s); // a condition, not a limit
    const std::uint64_t before = stream.account().acked;
    CHECK(before < 200'000);
    server.thaw();
    const Account account = stream.finish();
    CHECK(account.acked == 200'000);
    CHECK(stream.failures() == 0);
    const auto values = values_of(server.points("m", 200'000));
    CHECK(values.size() == 200'000);
    CHECK(distinct(values) == 200'000);
}

TEST_CASE("A real VictoriaMetrics that stands still for longer than it may gets nothing twice") {
    RealVictoriaMetrics server;
    Stream stream{TsdTelnet{server.telnet(), telnet_options({.mps = 150'000, .answer_within = 500ms})},
                  some_points(200'000)};
    REQUIRE(stream.wait_for_acked(30'000));
    server.freeze();
    REQUIRE(wait_until([&] { return stream.failures() >= 3; })); // new connections are silent, too
    server.thaw();
    const Account account = stream.finish();
    CHECK(account.unconfirmed > 0);
    CHECK(account.resent == 0);
    // It may still be reading bytes from abandoned connections.
    const auto values = values_of(server.points("m", account.acked));
    CHECK(values.size() == distinct(values));
    CHECK(values.size() >= account.acked);
}

TEST_CASE("When one of two real targets dies, the other one receives the remaining points") {
    RealInfluxDb first;
    RealVictoriaMetrics second;
    Stream stream{TsdTelnet{Targets{first.telnet(), second.telnet()}, telnet_options({.mps = 50'000})},
                  some_points(120'000)};
    REQUIRE(stream.wait_for_acked(30'000));
    const std::uint64_t may_be_lost = kill_in_mid_stream(first, stream);
    const Account account = stream.finish();
    CHECK(account.unconfirmed <= 1);
    const auto there = values_of(second.points("m", 1));
    CHECK(there.size() == distinct(there));
    REQUIRE(!there.empty());
    CHECK(there.back() == 119'999);
    first.start();
    auto all = values_of(first.points("m", 1));
    REQUIRE(!all.empty());
    CHECK(all.front() == 0);
    all.insert(all.end(), there.begin(), there.end());
    std::sort(all.begin(), all.end());
    CHECK(distinct(all) >= account.acked - may_be_lost);
}

TEST_CASE("An end at the deadline, with a real server that stands still and eight threads that go on sending") {
    RealVictoriaMetrics server;
    TsdClient client{server.telnet(), {.queue_size = 20'000, .host_tag = HostTag::named("h"), .flush_interval = 10ms}};
    std::atomic<std::uint64_t> taken{0};
    std::atomic<bool> balanced{true};
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            const std::string cpu = std::to_string(t);
            for (std::uint64_t i = 0;; ++i) {
                const WallTime time{1'700'000'000s + std::chrono::seconds{i}};
                const Sent sent =
                    client.send_at(time, "m", i * 8 + static_cast<unsigned>(t), {{"cpu", std::string_view{cpu}}});
                if (sent == Sent::closed) {
                    return;
                }
                taken += sent == Sent::queued || sent == Sent::displaced_oldest ? 1U : 0U;
                balanced = balanced && (i % 256 != 0 || client.account().balanced());
            }
        });
    }
    REQUIRE(wait_until([&] { return client.account().acked > 20'000; }));
    server.freeze();
    const std::uint64_t before = taken;
    REQUIRE(wait_until([&] { return taken > before + 50'000; })); // nobody waits
    CHECK_FALSE(client.wait(500ms));
    client.stop();
    threads.clear();
    const Account account = client.account();
    CHECK(balanced);
    CHECK(account.balanced());
    CHECK(account.accepted == taken);
    CHECK(account.queued == 0);
    CHECK(account.dropped_for(Account::Loss::queue_full) > 0);
    server.thaw();
    const auto values = values_of(server.points("m", account.acked));
    CHECK(values.size() == distinct(values));
    CHECK(values.size() >= account.acked);
    CHECK(values.size() <= account.acked + account.unconfirmed + account.in_flight);
}
