// SPDX-License-Identifier: MIT
// Refused points do not affect others, in whatever words the server refuses them. A series that it keeps refusing waits.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>
#include <support/pushing.hpp>
#include <support/tcp_server.hpp>
#include <tickertape/influx.hpp>
#include <tickertape/tsd_http.hpp>

#include "stage/ledger.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;

/// Returns the values of the points of a body, as JSON or in line protocol, except those of the metric `poison`.
class StoredValues {
public:
    void add(std::string_view body) {
        const std::lock_guard lock{mutex_};
        std::size_t point = 0;
        for (std::size_t at = 0; (at = body.find("value", at)) != std::string_view::npos;) {
            const bool is_poison = body.substr(point, at - point).find("poison") != std::string_view::npos;
            at = body.find_first_of("0123456789", at);
            int value = -1;
            std::from_chars(body.data() + at, body.data() + body.size(), value);
            if (!is_poison) {
                values_.insert(value);
            }
            point = body.find_first_of("\n}", at);
            at = point;
        }
    }
    [[nodiscard]] std::size_t distinct() const {
        const std::lock_guard lock{mutex_};
        return values_.size();
    }

private:
    mutable std::mutex mutex_;
    std::set<int> values_;
};

std::string answer(std::string_view status, std::string_view body) {
    return std::string{"HTTP/1.1 "}
        .append(status)
        .append("\r\nContent-Length: ")
        .append(std::to_string(body.size()))
        .append("\r\n\r\n")
        .append(body);
}

constexpr std::string_view no_content = "HTTP/1.1 204 No Content\r\n\r\n";

/// A server's answer to a body with one bad point among others.
struct Words {
    const char* status;
    const char* body;
    bool stores_the_others;
};

template <class Sender>
void check_one_is_refused(Sender sender, const StoredValues& stored) {
    auto points = test::some_points(1'999);
    const auto poison = test::some_points(1, "poison");
    points.insert(points.begin() + 700, poison.begin(), poison.end());
    test::publish_all(sender, points);
    CHECK(sender.flush(test::in(test::long_time)));
    const Account account = sender.accounts()->now();
    CHECK(account.balanced());
    CHECK(account.acked == 1'999);
    CHECK(account.rejected_for(Reason::refused) == 1);
    CHECK(stored.distinct() == 1'999);
    CHECK(sender.status().first_refused.find("poison") != std::string::npos);
}

} // namespace

TEST_CASE("A point that a server refuses is found in whatever words it refuses the body, and the others are stored") {
    const Words words = GENERATE(
        Words{"400 Bad Request", "bad", false},
        Words{"400 Bad Request", R"({"error":"partial write: it is too old dropped=1"})", true},
        Words{"422 Unprocessable Entity",
              R"({"code":"unprocessable entity","message":"partial write: field type conflict dropped=1"})", true});
    const bool is_influx = GENERATE(false, true);
    CAPTURE(words.status, words.body, is_influx);
    StoredValues stored;
    const test::TcpServer server{[&](test::Guest& guest) {
        for (std::string body; guest.request(body);) {
            const bool is_bad = body.find("poison") != std::string::npos;
            if (!is_bad || words.stores_the_others) {
                stored.add(body);
            }
            guest.say(is_bad ? answer(words.status, words.body) : std::string{no_content});
        }
    }};
    const PushOptions options{.host_tag = HostTag::named("h"), .gzip = false};
    if (is_influx) {
        check_one_is_refused(Influx{"influx://" + server.address() + "/db", options}, stored);
    } else {
        check_one_is_refused(TsdHttp{"http://" + server.address(), options}, stored);
    }
}

TEST_CASE("A series with three refused points in a row waits, and arrives when the server takes it") {
    std::atomic<bool> is_known{false};
    std::atomic<unsigned> refusals{0};
    const test::TcpServer server{[&](test::Guest& guest) {
        for (std::string body; guest.request(body);) {
            if (is_known || body.find("bad") == std::string::npos) {
                guest.say(no_content);
                continue;
            }
            ++refusals;
            const auto lines = std::count(body.begin(), body.end(), '\n');
            guest.say(
                answer("400 Bad Request", R"({"error":"partial write: no dropped=)" + std::to_string(lines) + R"("})"));
        }
    }};
    Influx influx{"influx://" + server.address() + "/db", {.host_tag = HostTag::named("h"), .gzip = false}};
    const auto accounts = influx.accounts();
    const Series series{Name{"bad"}, Tags{{"a", "b"}}};
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    for (unsigned i = 0; i < 3; ++i) {
        CHECK(accounts->now().set_aside == 0);
        test::publish_all(influx, std::vector<Point>{{series, now + std::chrono::seconds{i}, 1}});
        CHECK(test::before_long([&] { return accounts->now().all_rejected() + accounts->now().set_aside == i + 1; }));
    }
    CHECK(accounts->now().rejected_for(Reason::refused) == 2);
    CHECK(accounts->now().set_aside + accounts->now().in_flight == 1); // or on its way as a probe

    std::vector<Point> more;
    for (int i = 10; i < 1'010; ++i) {
        more.emplace_back(series, now + std::chrono::seconds{i}, i);
    }
    test::publish_all(influx, more);
    CHECK(test::before_long([&] { return accounts->now().set_aside >= 1'000; }));
    CHECK(accounts->now().rejected_for(Reason::refused) == 2);
    CHECK(refusals < 100); // probes alone
    is_known = true;
    CHECK(test::before_long([&] { return accounts->now().acked == 1'001; }));
    CHECK(accounts->now().set_aside == 0);
}

TEST_CASE("Old points that are refused set nothing aside") {
    const test::TcpServer server{[&](test::Guest& guest) {
        for (std::string body; guest.request(body);) {
            const auto lines = std::count(body.begin(), body.end(), '\n');
            guest.say(answer("400 Bad Request", R"({"error":"partial write: points beyond retention policy dropped=)" +
                                                    std::to_string(lines) + R"("})"));
        }
    }};
    Influx influx{"influx://" + server.address() + "/db", {.host_tag = HostTag::named("h"), .gzip = false}};
    test::publish_all(influx, test::some_points(2'000)); // of 2023, 20 for each series
    CHECK(test::before_long([&] { return influx.accounts()->now().rejected_for(Reason::refused) == 2'000; }));
    CHECK(influx.accounts()->now().set_aside == 0);
}
