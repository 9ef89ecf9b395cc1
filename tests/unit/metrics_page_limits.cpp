// SPDX-License-Identifier: MIT
// The series that the page at /metrics removes, and the most that it holds.
#include <scrape/metrics_page.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <counter/registry.hpp>
#include <tickertape/autodump.hpp>
#include <tickertape/distribution.hpp>
#include <tickertape/manual_clock.hpp>

#include "support/catch.hpp"
#include "support/messages.hpp"
#include "support/metrics_points.hpp"
#include "support/prometheus_text.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using scrape::MetricsPage;
using test::one;
using test::parse_prometheus;
using test::start;
using test::take;

TEST_CASE("/metrics: a series without points goes after five minutes, or three of its steps, and may come back") {
    MetricsPage page;
    const std::vector<Point> often{one(Series{"often"}, 7)};
    const std::vector<Point> seldom{one(Series{"seldom", {}, {.step = 1h}}, 8)};
    take(page, often, start);
    take(page, seldom, start);
    const auto names = [&](SteadyTime now) {
        std::string all;
        for (const auto& [name, family] : parse_prometheus(page.text(now))) {
            all += name + " ";
        }
        return all;
    };
    CHECK(names(start + 5min) == "often seldom ");
    CHECK(names(start + 5min + 1s) == "seldom ");
    CHECK(names(start + 3h) == "seldom ");
    CHECK(names(start + 3h + 1s).empty());
    take(page, often, start + 5h);
    CHECK(names(start + 5h) == "often ");
}

TEST_CASE("/metrics: a distribution goes on where it was after ten minutes without recordings") {
    ManualClock clock;
    MetricCounter<distribution> wide{"page.idle.wide",
                                     {.timespan = 2s, .granularity = 1s, .buckets = {0.1, 1}, .clock = &clock}};
    MetricCounter<distribution> plain{"page.idle.plain", {.timespan = 2s, .granularity = 1s, .clock = &clock}};
    struct Keep final : Transmitter {
        Outcome publish(std::span<const Point> some) override {
            points.insert(points.end(), some.begin(), some.end());
            return Outcome::all(some);
        }
        std::vector<Point> points;
    } kept;
    autodump dump{std::ref(kept), wide, plain};
    wide.record(0.5);
    plain.record(8);
    clock.advance(1s);
    clock.advance(1s);
    CHECK(dump.finish().complete);
    std::vector<Point> busy;
    std::vector<Point> idle;
    for (const Point& point : kept.points) {
        (point.time() == kept.points.front().time() ? busy : idle).push_back(point);
    }
    REQUIRE_FALSE(idle.empty());

    MetricsPage page;
    SteadyTime now = start;
    CHECK(take(page, busy, now).rejected.empty());
    for (const SteadyTime end = now + 10min; now < end; now += 1s) {
        CHECK(take(page, idle, now).rejected.empty());
        CHECK(parse_prometheus(page.text(now)).at("page_idle_wide").type == "histogram");
    }
    CHECK(take(page, busy, now).rejected.empty());
    const std::string text = page.text(now);
    CAPTURE(text);
    CHECK(text.find("\npage_idle_wide_bucket{le=\"0.1\"} 0\npage_idle_wide_bucket{le=\"1\"} 2\n"
                    "page_idle_wide_bucket{le=\"+Inf\"} 2\npage_idle_wide_sum 1\npage_idle_wide_count 2\n") !=
          std::string::npos);
    CHECK(text.find("\npage_idle_plain_sum 16\npage_idle_plain_count 2\n") != std::string::npos);
    CHECK(page.text(now + 6min).empty());
}

TEST_CASE("/metrics: the page holds 10,000 series, rejects others, and takes new ones when old ones have gone") {
    const test::Messages messages;
    MetricsPage page;
    std::vector<Point> points;
    for (std::size_t i = 0; i <= MetricsPage::most_series; ++i) {
        points.push_back(one(Series{"m", {{"n", std::to_string(i)}}}, 1));
    }
    const Outcome outcome = take(page, points);
    REQUIRE(outcome.rejected.size() == 1);
    CHECK(outcome.rejected.front().reason == Reason::over_limit);
    CHECK(messages.have("/metrics: more than 10000 series: new ones are left out"));
    CHECK(take(page, {points.back()}, start + 1h).rejected.empty());
}

TEST_CASE("/metrics: a full page looks for silent series once a second") {
    const test::Messages messages;
    MetricsPage page;
    const auto take_one = [&page](const std::string& metric, SteadyTime now) {
        return take(page, {one(Series{std::string_view{metric}}, 1)}, now).rejected.empty();
    };
    CHECK(take_one("first", start));
    CHECK(take_one("second", start + 500ms));
    std::vector<Point> others;
    for (std::size_t i = 2; i < MetricsPage::most_series; ++i) {
        others.push_back(one(Series{"m", {{"n", std::to_string(i)}}}, 1));
    }
    CHECK(take(page, others, start + 1min).rejected.empty());
    CHECK(take_one("in.place.of.first", start + 5min + 100ms));
    CHECK_FALSE(take_one("in.place.of.second", start + 5min + 600ms));
    CHECK(take_one("in.place.of.second", start + 5min + 1100ms));
}

TEST_CASE("/metrics: the counters are asked only about new series that are not a Telemeter's and have a place") {
    const test::Messages messages;
    MetricsPage page;
    std::vector<Point> points{one(Series{"c", {}, {.merge = SeriesOptions::Merge::sum}}, 1)};
    std::vector<Point> others;
    for (std::size_t i = points.size(); i < MetricsPage::most_series; ++i) {
        others.push_back(one(Series{"m", {{"n", std::to_string(i)}}}, 1));
    }
    const std::vector<Point> late{one(Series{"late"}, 1)};
    const auto takes_while_counters_are_locked = [&page](const std::vector<Point>& some) {
        std::unique_lock lock{counter::Registry::instance().mutex};
        const auto taken = std::async(std::launch::async, [&] { take(page, some); });
        const bool is_taken = taken.wait_for(10s) == std::future_status::ready;
        lock.unlock(); // before the thread is awaited
        return is_taken;
    };
    CHECK(takes_while_counters_are_locked(points));
    CHECK(take(page, others).rejected.empty());
    CHECK(takes_while_counters_are_locked(others));
    CHECK(takes_while_counters_are_locked(late));
    CHECK(take(page, late).rejected.front().reason == Reason::over_limit);
}
