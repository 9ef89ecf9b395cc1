// SPDX-License-Identifier: MIT
// TsdClient as applications use it, with a TSD that may be down, slow or dead.
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <support/catch.hpp>
#include <support/long_time.hpp>
#include <support/messages.hpp>
#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tsd_client.hpp>

namespace {

using namespace std::chrono_literals;
using test::long_time;
using namespace tickertape;
using testkit::Break;
using testkit::FakeTsd;
using testkit::Personality;

const WallTime some_time{1'700'000'000s};

TsdClientOptions quick(TsdClientOptions options = {}) {
    options.host_tag = HostTag::named("h");
    options.flush_interval = 10ms;
    return options;
}

TsdClientOptions without_check(TsdClientOptions options = {}) {
    options.check_host = false;
    return quick(options);
}

} // namespace

TEST_CASE("A client sends its points with the current time") {
    const FakeTsd tsd;
    TsdClient client{tsd.address(), quick()};
    const auto before = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    CHECK(client.send("requests", 100, {{"dc", "lga"}, {"app", "shop"}}) == Sent::queued);
    CHECK(client.wait(long_time));
    const auto after = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    REQUIRE(tsd.lines().size() == 1);
    const std::string line = tsd.lines()[0];
    const auto stamp = std::stoll(line.substr(std::string{"put requests "}.size()));
    CHECK(stamp >= before.time_since_epoch().count());
    CHECK(stamp <= after.time_since_epoch().count());
    CHECK_THAT(line, Catch::Matchers::EndsWith(" 100 app=shop dc=lga host=h"));
    CHECK(client.account().acked == 1);
}

TEST_CASE("The first of two points of a series in a second counts, and the other is called a duplicate") {
    const FakeTsd tsd;
    TsdClient client{tsd.address(), quick()};
    CHECK(client.send_at(some_time, "m", 1, {{"a", "1"}, {"b", "2"}}) == Sent::queued);
    CHECK(client.send_at(some_time + 999ms, "m", 2, {{"b", "2"}, {"a", "1"}}) == Sent::duplicate);
    CHECK(client.send_at(some_time + 1s, "m", 3, {{"a", "1"}, {"b", "2"}}) == Sent::queued);
    CHECK(client.send_at(some_time, "m", 4, {{"a", "1"}, {"b", "2"}}) == Sent::duplicate); // also late
    CHECK(client.send_at(some_time - 1s, "m", 5, {{"a", "1"}, {"b", "2"}}) == Sent::queued);
    CHECK(client.send_at(some_time, "m", 6, {{"a", "1"}}) == Sent::queued);
    CHECK(client.wait(long_time));
    CHECK(tsd.stored() == 4);
    CHECK(client.duplicates() == 2);
}

TEST_CASE("An invalid point is refused and counted, and harms nothing") {
    const FakeTsd tsd;
    TsdClient client{tsd.address(), quick()};
    const std::string bad = "x\ndiediedie";
    CHECK(client.send(std::string_view{bad}, 1, {{"a", "b"}}) == Sent::invalid);
    CHECK(client.send("m", 1, {{"a", std::string_view{bad}}}) == Sent::invalid);
    CHECK(client.send("m", 1, {{"a", "b"}, {"a", "c"}}) == Sent::invalid);
    CHECK(client.send("m", std::nan(""), {{"a", "b"}}) == Sent::invalid);
    CHECK(client.send("m", std::numeric_limits<double>::infinity(), {{"a", "b"}}) == Sent::invalid);
    CHECK(client.send("m", 1, {{"a", "b"}}) == Sent::queued);
    CHECK(client.wait(long_time));
    CHECK(client.invalid() == 5);
    CHECK(tsd.stored() == 1);
    CHECK(tsd.received().refused == 0);
}

TEST_CASE("Without a host tag a point needs a tag of its own") {
    const FakeTsd tsd;
    TsdClient client{tsd.address(), {.host_tag = HostTag::none(), .flush_interval = 10ms}};
    CHECK(client.send("m", 1) == Sent::invalid);
    CHECK(client.send("m", 1, {{"a", "b"}}) == Sent::queued);
}

TEST_CASE("A missing target is reported by the constructor on request") {
    FakeTsd tsd;
    tsd.stop();
    try {
        const TsdClient client{tsd.address(), quick()};
        FAIL("it was made");
    } catch (const std::system_error& error) {
        CHECK(std::string{error.what()} == "tsd://" + tsd.address() + ": Connection refused"); // and nothing more
        CHECK(error.code() == std::errc::connection_refused);
    }
    CHECK_NOTHROW(TsdClient{tsd.address(), without_check({.linger = 0ms})});
}

TEST_CASE("A client of two targets is content with one that is there") {
    FakeTsd dead;
    dead.stop();
    const FakeTsd tsd;
    TsdClient client{Targets{dead.address(), tsd.address()}, quick()};
    CHECK(client.send("m", 1) == Sent::queued);
    CHECK(client.wait(long_time));
    CHECK(tsd.stored() == 1);
}

TEST_CASE("Options that make no sense are refused with a sentence") {
    CHECK_THROWS_WITH((TsdClient{"localhost", TsdClientOptions{.queue_size = 0, .check_host = false}}),
                      "the queue_size of TsdClient is 0; it is at least 1, because every queue is bounded");
    CHECK_THROWS_AS((TsdClient{"localhost", TsdClientOptions{.port = 0, .check_host = false}}), UsageError);
    CHECK_THROWS_AS((TsdClient{"localhost", TsdClientOptions{.check_host = false, .flush_interval = 0ms}}), UsageError);
    CHECK_THROWS_AS((TsdClient{"not a host", TsdClientOptions{.check_host = false}}), UsageError);
}

TEST_CASE("In test mode nothing is sent") {
    const FakeTsd tsd;
    TsdClient client{tsd.address(), quick({.test_mode = true})};
    CHECK(client.send("m", 1) == Sent::queued);
    CHECK(client.wait(long_time));
    CHECK(client.account().acked == 1);
    CHECK(tsd.connections() == 0);
}

TEST_CASE("After close a client accepts nothing, and sends its accepted points") {
    const FakeTsd tsd;
    TsdClient client{tsd.address(), quick()};
    CHECK(client.send("m", 1) == Sent::queued);
    client.close();
    CHECK(client.send("m", 2, {{"a", "b"}}) == Sent::closed);
    CHECK(tsd.wait_for(1));
}

TEST_CASE("With a dead TSD wait, stop and the destructor return, and the account counts the lost points") {
    FakeTsd tsd;
    tsd.stop();
    const auto personality_of_end = GENERATE(0, 1, 2);
    auto client = std::make_unique<TsdClient>(tsd.address(), without_check({.linger = 50ms}));
    for (int i = 0; i < 1000; ++i) {
        CHECK(client->send_at(some_time + std::chrono::seconds{i}, "m", i) == Sent::queued);
    }
    CHECK(client->account().accepted == 1000);
    CHECK(client->account().balanced());
    if (personality_of_end == 0) {
        CHECK_FALSE(client->wait(50ms));
        client->close();
        CHECK(client->send("m", 1) == Sent::closed);
    } else if (personality_of_end == 1) {
        client->stop();
        const Account account = client->account();
        CHECK(account.balanced());
        CHECK(account.queued == 0);
        CHECK(account.in_flight == 0);
        CHECK(account.dropped_for(Account::Loss::shutdown) == 1000);
    }
    const test::Messages messages;
    client = nullptr;
    CHECK(messages.have("queue: points left unsent at the end: 1000 dropped"));
}

TEST_CASE("A client that has waited goes on") {
    const FakeTsd tsd;
    TsdClient client{tsd.address(), quick()};
    for (int i = 0; i < 3; ++i) {
        CHECK(client.send_at(some_time + std::chrono::seconds{i}, "m", i) == Sent::queued);
        CHECK(client.wait(long_time));
    }
    CHECK(client.account().acked == 3);
    CHECK(tsd.stored() == 3);
}

TEST_CASE("A full queue displaces the oldest points, each counted") {
    FakeTsd tsd;
    tsd.stop();
    TsdClient client{tsd.address(), without_check({.queue_size = 100, .linger = 0ms})};
    std::uint64_t displaced = 0;
    for (int i = 0; i < 50'000; ++i) {
        const Sent sent = client.send_at(some_time + std::chrono::seconds{i}, "m", i);
        REQUIRE((sent == Sent::queued || sent == Sent::displaced_oldest));
        displaced += sent == Sent::displaced_oldest ? 1 : 0;
    }
    CHECK(client.account().dropped_for(Account::Loss::queue_full) == displaced);
    CHECK(client.account().balanced());
    tsd.start();
    REQUIRE(client.wait(long_time));
    const Account account = client.account();
    CHECK(account.acked + displaced == 50'000);
    CHECK(tsd.distinct() == account.acked);
}

TEST_CASE("A point that found no room may be sent again") {
    FakeTsd tsd;
    tsd.stop();
    TsdClient client{tsd.address(),
                     without_check({.queue_size = 10, .overflow = Overflow::drop_newest, .linger = 0ms})};
    Sent last = Sent::queued;
    int i = 0;
    for (; last == Sent::queued && i < 100'000; ++i) {
        last = client.send_at(some_time + std::chrono::seconds{i}, "m", i);
    }
    REQUIRE(last == Sent::dropped);
    last = client.send_at(some_time + std::chrono::seconds{i - 1}, "m", i);
    CHECK(last != Sent::duplicate);
}

TEST_CASE("A text that is far too long for a series is refused, and not remembered") {
    const FakeTsd tsd;
    TsdClient client{tsd.address(), quick()};
    CHECK(client.send("m", 1, {{"a", std::string(100'000, 'x')}}) == Sent::invalid);
    CHECK(client.wait(std::chrono::milliseconds::max()));
}

TEST_CASE("Callers on eight threads lose nothing while connections break") {
    const FakeTsd tsd{{.faults = {.breakage = {.how = Break::reset, .after_lines = 3000, .connections = 5}}}};
    TsdClient client{tsd.address(), without_check()};
    constexpr int each = 5'000;
    std::atomic<bool> balanced{true};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&, t] {
                const std::string thread = std::to_string(t);
                for (int i = 0; i < each; ++i) {
                    while (client.send_at(some_time + std::chrono::seconds{i}, "m", i,
                                          {{"thread", std::string_view{thread}}}) != Sent::queued) {
                    }
                    if (i % 100 == 0) {
                        balanced = balanced && client.account().balanced();
                    }
                }
            });
        }
    }
    REQUIRE(client.wait(long_time));
    const Account account = client.account();
    CHECK(balanced);
    CHECK(account.balanced());
    CHECK(account.accepted == 8 * each);
    CHECK(account.acked + account.unconfirmed == 8 * each);
    CHECK(account.unconfirmed <= 5);
    CHECK(tsd.distinct() >= account.acked);
}
