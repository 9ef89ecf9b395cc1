// SPDX-License-Identifier: MIT
// For ten minutes most points have a metric that the target does not know; the rest is stored at once: scripts/check soak.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>

#include <tickertape/testkit/fake_tsd.hpp>

#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/soak.hpp"
#include "support/tcp_server.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using tickertape::testkit::FakeTsd;
using tickertape::testkit::Keep;
using tickertape::testkit::Refusal;

constexpr std::string_view good_metric = "old.metric";
constexpr std::string_view unknown_metric = "new.metric";

/// The delays of stored good points. The value of a point is the time at which it was made.
class Lateness {
public:
    /// A stored point, and where its value begins.
    void note(const std::string& point, std::string_view value) {
        std::int64_t made = 0;
        std::from_chars(value.data(), value.data() + value.size(), made);
        const milliseconds late = now() - milliseconds{made};
        const std::lock_guard lock{mutex_};
        stored_.insert(point);
        late_ += late > 1s ? 1 : 0;
        latest_ = std::max(latest_, late);
    }
    [[nodiscard]] milliseconds now() const {
        return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin_);
    }
    void check(std::string_view way, std::size_t made) const {
        const std::lock_guard lock{mutex_};
        std::cout << way << ": " << stored_.size() << " of " << made << " good points stored, the latest after "
                  << latest_.count() << " ms, " << late_ << " later than a second" << std::endl; // NOLINT(*-endl)
        CHECK(stored_.size() == made);
        CHECK(late_ == 0);
    }

private:
    steady_clock::time_point begin_ = steady_clock::now();
    mutable std::mutex mutex_;
    std::unordered_set<std::string> stored_; // a server may get a point twice that it stored among refused ones
    std::size_t late_ = 0;
    milliseconds latest_{0};
};

/// Writes 500 lines a second, 7 of 10 with an unknown metric. Returns the number of good ones.
std::size_t write_mostly_unknown(test::Process& push, const Lateness& lateness, seconds length) {
    std::size_t good = 0;
    const auto begin = steady_clock::now();
    for (int part = 0; part < length.count() * 50; ++part) {
        const auto now = std::chrono::duration_cast<seconds>(std::chrono::system_clock::now().time_since_epoch());
        std::string lines;
        for (int i = 0; i < 10; ++i) {
            lines += "put " + std::string{i < 7 ? unknown_metric : good_metric} + " " + std::to_string(now.count()) +
                     " " + std::to_string(lateness.now().count()) + " host=h i=" + std::to_string(part % 50) + "-" +
                     std::to_string(i) + "\n";
            good += i < 7 ? 0 : 1;
        }
        push.in.write(lines);
        std::this_thread::sleep_until(begin + 20ms * (part + 1));
    }
    return good;
}

void soak_mostly_unknown(const std::string& target, const Lateness& lateness) {
    test::Process push{{.program = test::collector("tickertape"),
                        .arguments = {"push", "--deadline", "15", target},
                        .in = test::Pipe{}}};
    const std::size_t good = write_mostly_unknown(push, lateness, test::soak_length(600s));
    push.in.close();
    const test::Result result = test::finish(push);
    INFO(result.err);
    CHECK(result.ended.code == 1); // some were rejected
    lateness.check(target, good);
}

/// A put line that was stored.
void note_line(Lateness& lateness, std::string_view line) {
    std::istringstream words{std::string{line}};
    std::string put;
    std::string metric;
    std::string time;
    std::string value;
    words >> put >> metric >> time >> value;
    if (metric == good_metric) {
        lateness.note(std::string{line}, value);
    }
}

/// Like an InfluxDB with a rule: it stores the good lines of a body, and reports how many it left out.
void serve_line_protocol(test::Guest& guest, Lateness& lateness) {
    for (std::string body; guest.request(body);) {
        if (guest.head().find("Content-Encoding: gzip") != std::string::npos) {
            guest.say("HTTP/1.1 415 Unsupported Media Type\r\nContent-Length: 0\r\n\r\n");
            continue;
        }
        std::istringstream lines{body};
        std::size_t left_out = 0;
        for (std::string line; std::getline(lines, line);) {
            constexpr std::string_view before = " value=";
            if (line.starts_with(good_metric)) {
                lateness.note(line, std::string_view{line}.substr(line.find(before) + before.size()));
            } else {
                ++left_out;
            }
        }
        const std::string text =
            R"({"error":"partial write: it is not known here dropped=)" + std::to_string(left_out) + R"("})";
        guest.say(left_out == 0 ? std::string{"HTTP/1.1 204 No Content\r\n\r\n"}
                                : "HTTP/1.1 400 Bad Request\r\nContent-Length: " + std::to_string(text.size()) +
                                      "\r\n\r\n" + text);
    }
}

} // namespace

TEST_CASE("a soak: good points among many of an unknown metric are stored within a second", "[.soak]") {
    const std::string scheme = GENERATE("", "http://");
    Lateness lateness;
    const FakeTsd tsd{{.faults = {.refuse = Refusal::unknown_metric,
                                  .refuse_if = [](std::string_view metric) { return metric == unknown_metric; }},
                       .keep = Keep::counts,
                       .on_line = [&](std::string_view line) { note_line(lateness, line); }}};
    soak_mostly_unknown(scheme + tsd.address(), lateness);
}

TEST_CASE("a soak: good points among many that are refused are stored within a second, in line protocol", "[.soak]") {
    Lateness lateness;
    const test::TcpServer server{[&](test::Guest& guest) { serve_line_protocol(guest, lateness); }};
    soak_mostly_unknown("influx://" + server.address() + "/db", lateness);
}
