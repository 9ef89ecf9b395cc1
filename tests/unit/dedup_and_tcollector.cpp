// SPDX-License-Identifier: MIT
// Dedup before tcollector's own: the same points arrive as with tcollector alone.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tickertape/dedup.hpp>
#include <tickertape/testkit/memory.hpp>

#include "point/line_formatter.hpp"
#include "support/catch.hpp"
#include "support/seed.hpp"
#include "support/tcollector_model.hpp"

using namespace std::chrono_literals;
using test::once_in;
using test::up_to;
using tickertape::Dedup;
using tickertape::Memory;
using tickertape::Point;
using tickertape::Series;
using tickertape::Tags;
using tickertape::WallTime;
using tickertape::point::LineFormatter;

namespace {

std::string line_of(const Point& point) {
    LineFormatter formatter{{.put_prefix = false}};
    char text[tickertape::max_line + 1];
    const auto line = formatter.write(point, text);
    REQUIRE_FALSE(line.refused);
    return {text, line.size - 1};
}

// The points of one series in order of time: runs of equal values, some longer than one or two intervals, and gaps of a few
// points or of many minutes. The last value differs, so that held points must appear.
std::vector<Point> random_stream(test::Random& random, const Series& series, std::chrono::nanoseconds step) {
    std::vector<Point> points;
    WallTime time{1700000000s + up_to(random, 20) * step};
    const std::size_t runs = 3 + up_to(random, 12);
    for (std::size_t run = 0; run < runs; ++run) {
        const auto value = static_cast<double>(up_to(random, 3)) / 2;
        const std::chrono::seconds length{once_in(random, 4)   ? 250 + up_to(random, 700)
                                          : once_in(random, 2) ? 1 + up_to(random, 40)
                                                               : 0};
        const auto count = static_cast<std::size_t>(length / step) + 1;
        for (std::size_t i = 0; i < count; ++i) {
            points.emplace_back(series, time, value);
            time += step;
            if (once_in(random, 60)) {
                time += up_to(random, 5) * step;
            }
        }
        if (once_in(random, 4)) {
            time += static_cast<std::int64_t>((once_in(random, 3) ? 800s : 320s) / step) * step;
        }
    }
    points.emplace_back(series, time, 99);
    return points;
}

std::vector<Point> merged_by_time(test::Random& random, const std::vector<std::vector<Point>>& streams) {
    std::vector<Point> merged;
    for (const auto& stream : streams) {
        merged.insert(merged.end(), stream.begin(), stream.end());
    }
    if (once_in(random, 2)) { // otherwise one stream after the other
        std::sort(merged.begin(), merged.end(), [](const Point& a, const Point& b) { return a.time() < b.time(); });
    }
    return merged;
}

} // namespace

TEST_CASE("Our Dedup before tcollector's forwards exactly the lines that tcollector alone forwards") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    std::size_t fewer = 0;
    for (int round = 0; round < 150; ++round) {
        std::vector<std::vector<Point>> streams;
        const std::size_t count = 1 + up_to(random, 4);
        for (std::size_t i = 0; i < count; ++i) {
            const std::chrono::nanoseconds steps[] = {1s, 1s, 5s, 15s, 60s, 500ms};
            const std::chrono::nanoseconds step = steps[up_to(random, 5)];
            const bool known = step < 1s || !once_in(random, 4);
            const Series series{"m", Tags{}.set("n", std::to_string(i)), {.step = known ? step : 0s}};
            streams.push_back(random_stream(random, series, step));
        }
        const std::vector<Point> points = merged_by_time(random, streams);

        test::TcollectorModel alone;
        for (const Point& point : points) {
            alone.process_line(line_of(point));
        }

        Memory memory;
        Dedup dedup{memory};
        std::span<const Point> rest{points};
        while (!rest.empty()) {
            rest = rest.subspan(dedup.publish(rest.first(std::min(rest.size(), 1 + up_to(random, 300)))).retry_from);
            if (once_in(random, 10)) {
                dedup.flush({});
            }
        }
        dedup.flush({});
        test::TcollectorModel behind;
        for (const Point& point : memory.points()) {
            behind.process_line(line_of(point));
        }

        REQUIRE(alone.invalid() == 0);
        REQUIRE(behind.invalid() == 0);
        REQUIRE(behind.forwarded() == alone.forwarded());
        REQUIRE(behind.lines() <= alone.lines());
        fewer += alone.lines() - behind.lines();
    }
    CHECK(fewer > 1000); // Dedup did hold points back
}

TEST_CASE("Our Dedup passes one point of a constant stream in each interval") {
    const Series series{"m", {{"a", "1"}}, {.step = 1s}};
    Memory memory;
    Dedup dedup{memory};
    for (int second = 0; second < 3600; ++second) {
        const Point point{series, WallTime{1700000000s + second * 1s}, 1};
        (void)dedup.publish({&point, 1});
    }
    CHECK(memory.size() == 12);
}

TEST_CASE("The model of tcollector reproduces its observed behaviour") {
    using Lines = std::vector<std::string>;
    const auto forwarded = [](const Lines& lines) {
        test::TcollectorModel model;
        for (const std::string& line : lines) {
            model.process_line(line);
        }
        return model.forwarded().empty() ? Lines{} : model.forwarded().begin()->second;
    };
    CHECK(forwarded({"m 1000 5 a=1", "m 1001 5 a=1", "m 1002 5 a=1", "m 1003 6 a=1"}) ==
          Lines{"m 1000 5 a=1", "m 1002 5 a=1", "m 1003 6 a=1"});
    CHECK(forwarded({"m 1000 5", "m 1299 5", "m 1300 5", "m 1301 5"}) == Lines{"m 1000 5", "m 1300 5"});
    CHECK(forwarded({"m 1000 5", "m 1300 6"}) == Lines{"m 1000 5", "m 1000 5", "m 1300 6"});
    CHECK(forwarded({"m 1000 5", "m 1001 6"}) == Lines{"m 1000 5", "m 1001 6"});
    CHECK(forwarded({"m 1000 5", "m 1000 6", "m 999 7"}) == Lines{"m 1000 5"});
    CHECK(forwarded({"m 1000 5", "m 1001 5.0"}) == Lines{"m 1000 5", "m 1001 5.0"});
    CHECK(forwarded({"m 1700000000000 5", "m 1700000299999 5", "m 1700000300000 5"}) ==
          Lines{"m 1700000000000 5", "m 1700000300000 5"});
    CHECK(forwarded({"put m 1000 5", "m 1000 5 a=", "# m", ""}).empty());
}
