// SPDX-License-Identifier: MIT
// After an outage, new points overtake the waiting ones.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tsd_client.hpp>

#include "support/catch.hpp"
#include "support/eventually.hpp"
#include "support/free_port.hpp"
#include "support/spooled_client.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using testkit::FakeTsd;

/// Returns the number of old points that have arrived, and that had arrived when the first new point came.
class Arrived {
public:
    void note(std::string_view line) {
        if (line.find("live") == std::string_view::npos) {
            ++old_;
        } else if (live_++ == 0) {
            old_before_live_ = old_.load();
        }
    }
    [[nodiscard]] std::uint64_t old() const { return old_; }
    [[nodiscard]] std::uint64_t live() const { return live_; }
    [[nodiscard]] std::uint64_t old_before_live() const { return old_before_live_; }

private:
    std::atomic<std::uint64_t> old_{0};
    std::atomic<std::uint64_t> live_{0};
    std::atomic<std::uint64_t> old_before_live_{0};
};

/// Sends points of one metric, a second apart.
class Feed {
public:
    Feed(TsdClient& client, std::string_view metric, std::chrono::seconds begin)
        : client_{client}, metric_{metric}, time_{begin} {}
    void send() {
        time_ += 1s;
        ++sent_;
        REQUIRE(client_.send_at(time_, metric_, sent_, {{"a", "b"}}) == Sent::spooled);
    }

private:
    TsdClient& client_;
    std::string_view metric_;
    WallTime time_;
    std::int64_t sent_ = 0;
};

} // namespace

// An outage of seconds with many points a second stands for an hour with few: only the number of waiting points matters.
TEST_CASE("When a target is back, new points arrive before the backlog, and the backlog at its own rate beside them") {
    const auto [is_http, was_there, is_proxied] = GENERATE(table<bool, bool, bool>({
        {false, false, false},
        {false, true, false},
        {true, false, false},
        {true, true, false},
        {true, false, true},
    }));
    CAPTURE(is_http, was_there, is_proxied);
    constexpr std::uint64_t olds = 60'000;
    constexpr std::uint64_t lives = 200;
    const test::TemporaryDirectory directory;
    const std::uint16_t port = test::free_port();
    TsdClientOptions options = test::spooled_in(directory);
    options.spool.backlog_per_second = 100;
    TsdClient client{(is_http ? "http://127.0.0.1:" : "127.0.0.1:") + std::to_string(port), options};
    if (was_there) {
        const FakeTsd tsd{{.port = port, .keep = testkit::Keep::counts}};
        Feed first{client, "first", 1'600'000'000s};
        first.send();
        REQUIRE(test::eventually([&] { return client.account().acked == 1; }));
    }
    std::optional<FakeTsd> proxy; // a proxy that answers in place of a server that is down
    if (is_proxied) {
        proxy.emplace(testkit::FakeTsdOptions{.port = port, .faults = {.http = {.status = 503, .retry_after = 0s}}});
    }
    Feed old{client, "old", 1'700'000'000s};
    for (std::uint64_t i = 0; i < olds; ++i) {
        old.send();
    }
    REQUIRE(test::eventually([&] { // the rest is in the spool only
        const Account account = client.account();
        return account.queued <= 2'048 && account.in_flight <= 4'096;
    }));
    const Account away = client.account();
    CHECK((away.in_flight == 0 || is_proxied)); // no point is in flight without a connection
    proxy.reset();

    Arrived arrived;
    const FakeTsd tsd{{.port = port, .keep = testkit::Keep::counts, .on_line = [&arrived](std::string_view line) {
                           arrived.note(line);
                       }}};
    Feed live{client, "live", 1'800'000'000s};
    REQUIRE(test::eventually([&] {
        live.send();
        return arrived.live() >= lives;
    }));
    // Old and new points take turns.
    CHECK(arrived.old_before_live() <= away.queued + away.in_flight + 1'024);
    CHECK(arrived.old() < olds);
    CHECK(client.account().spooled > 0);
    CHECK(client.account().balanced());
}
