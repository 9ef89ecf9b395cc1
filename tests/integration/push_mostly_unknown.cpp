// SPDX-License-Identifier: MIT
// Most of what is pushed is refused, for as long as it lasts: what is not arrives in time. scripts/check soak does it for
// ten minutes and wants each good point stored within a second.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <support/catch.hpp>
#include <support/eventually.hpp>
#include <support/process.hpp>
#include <support/tcp_server.hpp>
#include <support/unzip.hpp>
#include <tickertape/testkit/fake_tsd.hpp>

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using Clock = std::chrono::steady_clock;

constexpr int lines_a_second = 500;
constexpr int steps_a_second = 50;

struct Wanted {
    std::chrono::seconds time;
    std::chrono::milliseconds bound;
};

/// By scripts/check soak as said above; else only that they arrive, on a machine that is busy with other tests.
Wanted wanted() {
    const char* const seconds = std::getenv("TICKERTAPE_SOAK_SECONDS");
    return seconds == nullptr ? Wanted{4s, 60s} : Wanted{std::chrono::seconds{std::atoi(seconds)}, 1s};
}

/// When each point was made, and how long the slowest one took to be stored.
class Lateness {
public:
    explicit Lateness(std::size_t points) : made_(points), is_stored_(points) {}

    void made(std::size_t point) { made_[point] = Clock::now().time_since_epoch().count(); }
    /// Again and again, perhaps.
    void stored(std::size_t point) {
        if (is_stored_[point].exchange(true)) {
            return;
        }
        const Clock::duration took = Clock::now().time_since_epoch() - Clock::duration{made_[point].load()};
        for (auto before = worst_.load();
             took.count() > before && !worst_.compare_exchange_weak(before, took.count());) {
        }
        ++count_;
    }
    [[nodiscard]] std::size_t count() const { return count_; }
    [[nodiscard]] std::chrono::milliseconds worst() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::duration{worst_.load()});
    }

private:
    std::vector<std::atomic<Clock::rep>> made_;
    std::vector<std::atomic<bool>> is_stored_;
    std::atomic<Clock::rep> worst_{0};
    std::atomic<std::size_t> count_{0};
};

std::size_t number_in(std::string_view text, std::string_view before) {
    std::size_t number = 0;
    const std::size_t at = text.find(before) + before.size();
    std::from_chars(text.data() + at, text.data() + text.size(), number);
    return number;
}

/// Three lines of ten are good, at the time that it is.
void write_lines(test::PipeEnd& pipe, Lateness& lateness, std::chrono::seconds time) {
    const auto begin = Clock::now();
    std::size_t point = 0;
    for (int step = 0; step < time.count() * steps_a_second; ++step) {
        std::this_thread::sleep_until(begin + step * (1'000ms / steps_a_second));
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
        std::string lines;
        for (int i = 0; i < lines_a_second / steps_a_second; ++i, ++point) {
            lateness.made(point);
            lines += (i % 10 < 7 ? "put new.metric " : "put old.metric ") + std::to_string(now.count()) + " " +
                     std::to_string(point) + " a=b n=" + std::to_string(point % 20) + "\n";
        }
        pipe.write(lines);
    }
}

/// As InfluxDB, which says how many points it has left out, and not which.
void serve_influx(test::Guest& guest, Lateness& lateness) {
    for (std::string packed; guest.request(packed);) {
        std::istringstream body{test::unzip(packed)};
        std::size_t bad = 0;
        for (std::string line; std::getline(body, line);) {
            if (line.starts_with("new.metric")) {
                ++bad;
            } else {
                lateness.stored(number_in(line, "value="));
            }
        }
        const std::string complaint =
            "{\"error\":\"partial write: field type conflict dropped=" + std::to_string(bad) + "\"}";
        guest.say(bad == 0 ? std::string{"HTTP/1.1 204 No Content\r\n\r\n"}
                           : "HTTP/1.1 400 Bad Request\r\nContent-Length: " + std::to_string(complaint.size()) +
                                 "\r\n\r\n" + complaint);
    }
}

void check_that_good_ones_arrive(const std::string& protocol) {
    const auto [time, bound] = wanted();
    Lateness lateness{static_cast<std::size_t>(time.count()) * lines_a_second};
    const testkit::FakeTsd tsd{
        {.faults = {.refuse = testkit::Refusal::unknown_metric,
                    .refuse_if = [](std::string_view metric) { return metric == "new.metric"; }},
         .keep = testkit::Keep::counts,
         .on_line = [&](std::string_view line) { lateness.stored(number_in(line.substr(15), " ")); }}};
    const test::TcpServer influx{[&lateness](test::Guest& guest) { serve_influx(guest, lateness); }};
    const std::string target =
        protocol == "influx" ? "influx://" + influx.address() + "/db" : protocol + "://" + tsd.address();
    test::Process process{
        {.program = test::collector("tickertape"), .arguments = {"push", target}, .in = test::Pipe{}}};
    write_lines(process.in, lateness, time);
    const std::size_t good = static_cast<std::size_t>(time.count()) * lines_a_second * 3 / 10;
    CHECK(test::eventually([&] { return lateness.count() >= good; }));
    CHECK(lateness.worst() <= bound);
    process.in.close();
    const auto ended = process.wait(test::at_some_time);
    REQUIRE(ended);
    CHECK(ended->code == 1); // some were rejected
    const std::string account = process.err.read_to_end(10s);
    CAPTURE(account);
    CHECK(account.find(": " + std::to_string(good) + " acknowledged, 0 unconfirmed") != std::string::npos);
    CHECK(account.find(", 0 dropped") != std::string::npos);
    CHECK(lateness.count() == good);
}

} // namespace

// One by one, so that scripts/check soak can run them side by side.
TEST_CASE("push by telnet: while seven of ten lines are refused, the good ones are stored soon after they are made") {
    check_that_good_ones_arrive("tsd");
}

TEST_CASE("push by HTTP: while seven of ten lines are refused, the good ones are stored soon after they are made") {
    check_that_good_ones_arrive("http");
}

TEST_CASE("push to InfluxDB: while seven of ten lines are refused, the good ones are stored soon after they are made") {
    check_that_good_ones_arrive("influx");
}
