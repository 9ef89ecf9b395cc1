// SPDX-License-Identifier: MIT
// Refused points do not delay accepted ones, and arrive when the target accepts them.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/pushing.hpp>
#include <support/real_servers.hpp>
#include <support/tcp_server.hpp>
#include <support/temporary_directory.hpp>
#include <support/watch_account.hpp>
#include <tickertape/influx.hpp>
#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tsd_client.hpp>
#include <tickertape/tsd_http.hpp>
#include <tickertape/tsd_telnet.hpp>

#include "stage/ledger.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using testkit::FakeTsd;
using testkit::Refusal;

std::unique_ptr<Transmitter> transmitter_to(const FakeTsd& tsd, bool is_http) {
    const HostTag host = HostTag::named("h");
    if (is_http) {
        return std::make_unique<TsdHttp>("http://" + tsd.address(), PushOptions{.host_tag = host});
    }
    return std::make_unique<TsdTelnet>(tsd.address(), PushOptions{.host_tag = host});
}

testkit::Faults does_not_know(const std::string& metric) {
    return {.refuse = Refusal::unknown_metric, .refuse_if = [metric](std::string_view each) { return each == metric; }};
}

} // namespace

TEST_CASE("A backlog of a metric that the TSD does not know holds nothing back, and arrives when it is known") {
    const bool is_http = GENERATE(false, true);
    CAPTURE(is_http);
    FakeTsd tsd{{.faults = does_not_know("new")}};
    const auto transmitter = transmitter_to(tsd, is_http);
    const auto accounts = transmitter->accounts();
    const test::WatchAccount watch{accounts};
    const auto backlog = test::some_points(20'000, "new");
    const auto live = test::some_points(300, "old");
    test::publish_all(*transmitter, backlog);
    test::publish_all(*transmitter, live);
    CHECK(test::before_long([&] { return tsd.stored() == live.size(); }));
    CHECK(test::before_long([&] { return accounts->now().set_aside >= backlog.size() - 100; })); // the rest: probes
    CHECK(accounts->now().all_rejected() == 0);
    CHECK(test::before_long([&] { return accounts->now().acked == live.size(); })); // stored, and answered soon
    tsd.set_faults({});
    CHECK(test::before_long([&] { return tsd.distinct() == backlog.size() + live.size(); }));
    CHECK(transmitter->flush(test::in(test::long_time)));
    CHECK(accounts->now().acked == backlog.size() + live.size());
    CHECK(accounts->now().set_aside == 0);
    CHECK(watch.always_balanced());
}

TEST_CASE("Series that are set aside cost no further requests but probes, and the end of the input rejects them") {
    const bool is_http = GENERATE(false, true);
    CAPTURE(is_http);
    const FakeTsd tsd{{.faults = does_not_know("new")}};
    const auto transmitter = transmitter_to(tsd, is_http);
    const auto accounts = transmitter->accounts();
    test::publish_all(*transmitter, test::some_points(100, "new")); // a hundred series
    REQUIRE(test::before_long([&] { return accounts->now().set_aside == 100; }));
    test::publish_all(*transmitter, test::some_points(10'000, "new"));
    CHECK(test::before_long([&] { return accounts->now().in_flight <= 100; }));
    CHECK(transmitter->flush(test::in(test::long_time)));
    const Account account = accounts->now();
    CHECK(account.balanced());
    CHECK(account.rejected_for(Reason::refused) == 10'100);
    CHECK(account.acked == 0);
    CHECK(account.resent <= 1'000);
}

TEST_CASE("A client's valid points arrive while most of its points are refused") {
    const bool is_http = GENERATE(false, true);
    CAPTURE(is_http);
    const FakeTsd tsd{{.faults = does_not_know("new")}};
    TsdClient client{Targets{is_http ? "http://" + tsd.address() : tsd.address()},
                     {.host_tag = HostTag::named("h"), .check_host = false, .flush_interval = 1ms}};
    for (int i = 0; i < 1'000; ++i) {
        const auto time = WallTime{1'700'000'000s + std::chrono::seconds{i}};
        CHECK((i % 10 < 7 ? client.send_at(time, "new", i) : client.send_at(time, "old", i)) == Sent::queued);
    }
    CHECK(test::before_long([&] { return tsd.stored() == 300; }));
    CHECK(client.account().all_rejected() == 0);
    CHECK(client.wait(60s));
    CHECK(client.account().acked == 300);
    CHECK(client.account().rejected_for(Reason::refused) == 700);
}

TEST_CASE("A point at which a server fails is found, and the others are stored") {
    enum class Way { error, hang_up, reset };
    const Way way = GENERATE(Way::error, Way::hang_up, Way::reset);
    CAPTURE(static_cast<int>(way));
    const test::TcpServer server{[way](test::Guest& guest) {
        for (std::string body; guest.request(body);) {
            if (body.find("poison") == std::string::npos) {
                guest.say("HTTP/1.1 204 No Content\r\n\r\n");
            } else if (way == Way::error) {
                guest.say("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
            } else {
                if (way == Way::reset) {
                    guest.reset();
                }
                return;
            }
        }
    }};
    auto points = test::some_points(1'999);
    const auto poison = test::some_points(1, "poison");
    points.insert(points.begin() + 700, poison.begin(), poison.end());
    const test::Pushed pushed = test::push_http("http://" + server.address(), points, {.gzip = false});
    test::check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == 1'999);
    CHECK(pushed.account.rejected_for(Reason::refused) == 1);
    CHECK(pushed.status.first_refused.find("poison") != std::string::npos);
}

TEST_CASE("The last lines of an input are stored, except the one at which a TSD fails") {
    enum class Way { error, hang_up, reset };
    const Way way = GENERATE(Way::error, Way::hang_up, Way::reset);
    CAPTURE(static_cast<int>(way));
    const test::TcpServer server{[way](test::Guest& guest) {
        for (std::string line; guest.line(line);) {
            if (line == "version") {
                guest.say("net.opentsdb.tools 2.4.1 built at revision 1 (MINT)\nBuilt on today by nobody\n");
            } else if (line.find("poison") != std::string::npos && way == Way::error) {
                guest.say("put: HBase error: it is away\n");
            } else if (line.find("poison") != std::string::npos) {
                if (way == Way::reset) {
                    guest.reset();
                }
                return;
            }
        }
    }};
    TsdTelnet transmitter{server.address(), {.host_tag = HostTag::named("h")}};
    const auto accounts = transmitter.accounts();
    test::publish_all(transmitter, test::some_points(10));
    REQUIRE(test::before_long([&] { return accounts->now().acked == 10; }));
    auto last = test::some_points(1, "last");
    const auto poison = test::some_points(1, "poison");
    last.insert(last.begin(), poison.begin(), poison.end());
    test::publish_all(transmitter, last);
    CHECK(transmitter.flush(test::in(test::long_time)));
    CHECK(accounts->now().acked == 11);
    CHECK(accounts->now().rejected_for(Reason::refused) == 1);
}

TEST_CASE("A TSD that hangs up after a number of lines gets fewer at once, and so takes all") {
    const FakeTsd tsd{{.faults = {.breakage = {.how = testkit::Break::reset, .after_lines = 200}}}};
    const auto points = test::some_points(1'000);
    TsdTelnet transmitter{tsd.address(), {.host_tag = HostTag::named("h")}};
    test::publish_all(transmitter, points);
    CHECK(transmitter.flush(test::in(test::long_time)));
    CHECK(tsd.distinct() == points.size());
    CHECK(transmitter.accounts()->now().acked == points.size());
}

TEST_CASE("A server that takes no compressed body is asked without compression once, and that is remembered") {
    const std::string status = GENERATE("415 Unsupported Media Type", "400 Bad Request");
    std::atomic<unsigned> zipped{0};
    const test::TcpServer server{[&](test::Guest& guest) {
        for (std::string body; guest.request(body);) {
            const bool is_zipped = guest.head().find("Content-Encoding: gzip") != std::string::npos;
            zipped += is_zipped ? 1 : 0;
            guest.say(is_zipped ? "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n"
                                : std::string{"HTTP/1.1 204 No Content\r\n\r\n"});
        }
    }};
    const auto points = test::some_points(5'000);
    const test::Pushed pushed = test::push_http("http://" + server.address(), points, {.connections = 1});
    test::check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(zipped == 1);
}

TEST_CASE("A token that is replaced in its file is used") {
    const test::TemporaryDirectory directory;
    const auto file = directory.path() / "auth";
    directory.write("auth", "Bearer old\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::atomic<bool> refused{false};
    const test::TcpServer server{[&](test::Guest& guest) {
        for (std::string body; guest.request(body);) {
            const bool is_new = guest.head().find("Authorization: Bearer new") != std::string::npos;
            refused = refused || !is_new;
            guest.say(is_new ? "HTTP/1.1 204 No Content\r\n\r\n" : "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
        }
    }};
    const auto points = test::some_points(10);
    const test::Pushed pushed =
        test::push_http("http://" + server.address(), points, {.credentials = Credentials::from_file(file)}, [&] {
            CHECK(test::before_long([&] { return refused.load(); }));
            directory.write("auth", "Bearer new\n");
        });
    test::check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
}

TEST_CASE("Points that are older than a real InfluxDB keeps hold nothing back") {
    test::RealInfluxDb server;
    const std::string altered = server.query(
        "POST /query?q=alter%20retention%20policy%20autogen%20on%20opentsdb%20duration%201d%20shard%20duration%201h");
    REQUIRE(altered.find("error") == std::string::npos);
    Influx influx{server.influx(), {.host_tag = HostTag::named("h")}};
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const Series series{Name{"live"}, Tags{{"a", "b"}}};
    test::publish_all(influx, test::some_points(20'000));
    const std::vector<Point> live{{series, now, 1}, {series, now + 1s, 2}};
    test::publish_all(influx, live);
    CHECK(test::before_long([&] { return influx.accounts()->now().acked >= live.size(); }));
    CHECK(influx.flush(test::in(test::long_time)));
    CHECK(influx.accounts()->now().acked == live.size());
    CHECK(influx.accounts()->now().rejected_for(Reason::refused) == 20'000);
    CHECK(server.points("live", live.size()).size() == live.size());
}
