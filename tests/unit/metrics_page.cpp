// SPDX-License-Identifier: MIT
// The text at /metrics, read by a strict parser, and the server of it.
#include <scrape/metrics_page.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <scrape/metrics_names.hpp>
#include <scrape/metrics_server.hpp>
#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/distribution.hpp>
#include <tickertape/manual_clock.hpp>
#include <tickertape/name.hpp>
#include <tickertape/serve_metrics.hpp>
#include <tickertape/tee.hpp>
#include <tickertape/telemeter.hpp>

#include "support/catch.hpp"
#include "support/messages.hpp"
#include "support/metrics_points.hpp"
#include "support/peer.hpp"
#include "support/prometheus_text.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using scrape::MetricsPage;
using scrape::MetricsServer;
using test::one;
using test::parse_prometheus;
using test::start;
using test::take;

namespace {

std::string get(const MetricsServer& server, const std::string& target = "/metrics",
                const std::string& method = "GET") {
    const test::Peer peer{server.port()};
    peer.say(method + " " + target + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return peer.rest();
}

std::string body_of(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }

} // namespace

TEST_CASE("/metrics: a reading is served with its labels, the last one of each series, sorted by name") {
    MetricsPage page;
    const Series load{"proc.load", {{"minutes", "1"}, {"cpu-set", "a"}}};
    CHECK(take(page, {one(load, 0.5), one(Series{"a.b"}, 7), one(load, 0.25)}).accepted() == 3);
    CHECK(page.text(start) == "# HELP a_b a.b\n# TYPE a_b untyped\na_b 7\n"
                              "# HELP proc_load proc.load\n# TYPE proc_load untyped\n"
                              "proc_load{cpu_set=\"a\",minutes=\"1\"} 0.25\n");
}

TEST_CASE("/metrics: rates are totals, stocks gauges, and distributions histograms or summaries") {
    ManualClock clock;
    MetricsServer server{"127.0.0.1:0"};
    MetricCounter<rate> requests{"page.requests",
                                 {.tags = {{"site", "a"}}, .timespan = 2s, .granularity = 1s, .clock = &clock}};
    MetricCounter<stock> level{"page.level", {.timespan = 2s, .granularity = 1s, .clock = &clock}};
    MetricCounter<distribution> wide{
        "page.latency",
        {.tags = {{"site", "a"}}, .timespan = 2s, .granularity = 1s, .buckets = {0.1, 1}, .clock = &clock}};
    MetricCounter<distribution> plain{"page.size", {.timespan = 2s, .granularity = 1s, .clock = &clock}};
    autodump dump{std::ref(server), requests, level, wide, plain};
    for (int second = 0; second < 4; ++second) {
        requests.add(3);
        level.set(second);
        wide.record(0.05);
        wide.record(0.5);
        wide.record(5);
        plain.record(8);
        clock.advance(1s);
    }
    CHECK(dump.finish().complete);
    const std::string text = body_of(get(server));
    CAPTURE(text);
    auto families = parse_prometheus(text);
    CHECK(families["page_requests_total"].type == "counter");
    CHECK(families["page_level"].type == "gauge");
    CHECK(families["page_latency"].type == "histogram");
    CHECK(families["page_latency"].help == "page.latency");
    CHECK(families["page_latency_max"].type == "gauge");
    CHECK(families["page_size"].type == "summary");
    const auto has = [&](const std::string& lines) { return text.find("\n" + lines) != std::string::npos; };
    CHECK(has("page_requests_total{site=\"a\"} 12\n"));
    CHECK(has("page_level 3\n"));
    CHECK(has("page_latency_bucket{site=\"a\",le=\"0.1\"} 4\npage_latency_bucket{site=\"a\",le=\"1\"} 8\n"
              "page_latency_bucket{site=\"a\",le=\"+Inf\"} 12\n"
              "page_latency_sum{site=\"a\"} 22.2\npage_latency_count{site=\"a\"} 12\n"));
    CHECK(has("page_size_sum 32\npage_size_count 4\n"));
    CHECK(has("page_size_max 8\n"));
}

TEST_CASE("/metrics: a distribution with buckets and one without make a histogram together") {
    ManualClock clock;
    MetricsServer server{"127.0.0.1:0"};
    MetricCounter<distribution> wide{
        "page.both", {.tags = {{"site", "a"}}, .timespan = 1s, .granularity = 1s, .buckets = {1}, .clock = &clock}};
    MetricCounter<distribution> plain{"page.both",
                                      {.tags = {{"site", "b"}}, .timespan = 1s, .granularity = 1s, .clock = &clock}};
    autodump dump{std::ref(server), wide, plain};
    wide.record(0.5);
    plain.record(0.5);
    clock.advance(1s);
    CHECK(dump.finish().complete);
    const auto families = parse_prometheus(body_of(get(server)));
    CHECK(families.at("page_both").type == "histogram");
    CHECK(families.at("page_both").samples.size() == 4 + 3);
}

TEST_CASE("/metrics: a counter of a Telemeter is a total, a gauge its last value, a timer a summary, and they stay") {
    MetricsPage page;
    const Series sum{"c", {}, {.merge = SeriesOptions::Merge::sum}};
    const Series last{"g", {}, {.merge = SeriesOptions::Merge::last}};
    const Series timing{"t", {{"k", "v"}}, {.merge = SeriesOptions::Merge::timing}};
    take(page, {one(sum, 2), one(sum, 3), one(last, 5), one(last, 4), one(timing, 0.5), one(timing, 0.25)});
    CHECK(page.text(start + 24h) == "# HELP c_total c\n# TYPE c_total counter\nc_total 5\n"
                                    "# HELP g g\n# TYPE g gauge\ng 4\n"
                                    "# HELP t t\n# TYPE t summary\nt_sum{k=\"v\"} 0.75\nt_count{k=\"v\"} 2\n");
}

TEST_CASE("/metrics: a Telemeter's calls all count") {
    MetricsServer server{"127.0.0.1:0"};
    {
        Telemeter telemeter{std::ref(server)};
        const auto requests = telemeter.counter("shop.requests");
        for (int i = 0; i < 1000; ++i) {
            requests.inc();
        }
    }
    CHECK(body_of(get(server)).find("\nshop_requests_total 1000\n") != std::string::npos);
}

TEST_CASE("/metrics: of two series that are the same in the characters of Prometheus, the second is rejected") {
    const test::Messages messages;
    MetricsPage page;
    const Outcome outcome = take(page, {one(Series{"a.b"}, 1), one(Series{"a-b"}, 2), one(Series{"a.b"}, 3),
                                        one(Series{"c", {{"x.y", "1"}, {"x-y", "2"}}}, 4),
                                        one(Series{"d", {{"x.y", "1"}}}, 5), one(Series{"d", {{"x-y", "1"}}}, 6)});
    REQUIRE(outcome.rejected.size() == 3);
    CHECK(outcome.rejected[0] == Outcome::Rejection{.index = 1, .reason = Reason::refused});
    CHECK(outcome.rejected[1].index == 3);
    CHECK(outcome.rejected[2].index == 5);
    CHECK(page.text(start) ==
          "# HELP a_b a.b\n# TYPE a_b untyped\na_b 3\n# HELP d d\n# TYPE d untyped\nd{x_y=\"1\"} 5\n");
    CHECK(messages.have("series 'a-b': not unique in the characters of Prometheus: left out at /metrics"));
}

TEST_CASE("/metrics: a name that a histogram needs for its lines is not given away") {
    const test::Messages messages;
    for (const bool timer_first : {true, false}) {
        MetricsPage page;
        const Point timing = one(Series{"t", {}, {.merge = SeriesOptions::Merge::timing}}, 1);
        const Point count = one(Series{"t.count"}, 2);
        const Outcome outcome =
            take(page, timer_first ? std::vector<Point>{timing, count} : std::vector<Point>{count, timing});
        REQUIRE(outcome.rejected.size() == 1);
        CHECK(outcome.rejected.front().index == 1);
        CHECK(parse_prometheus(page.text(start)).size() == 1);
    }
}

TEST_CASE("/metrics: names and labels become legal") {
    CHECK(scrape::metric_name("a.b/c-d") == "a_b_c_d");
    CHECK(scrape::metric_name("5xx") == "_5xx");
    CHECK(scrape::labels_of(Tags{{"9a", "v"}, {"__name__", "w"}, {"le", "1"}}, true) == "_9a=\"v\",tag__name__=\"w\"");
}

TEST_CASE("/metrics: a strict parser reads any series") {
    const test::Messages messages;
    std::mt19937 random{4711};
    const std::string letters = "aZ09_.-/";
    const auto word = [&] {
        std::string text;
        for (std::size_t i = 1 + random() % 3; i > 0; --i) {
            text += letters[random() % letters.size()];
        }
        return text;
    };
    for (int round = 0; round < 50; ++round) {
        MetricsPage page;
        std::vector<Point> points;
        for (int i = 0; i < 100; ++i) {
            const std::string metric = word();
            const std::string key = word();
            const std::string value = word();
            const auto merge = static_cast<SeriesOptions::Merge>(random() % 4);
            const Series series{
                std::string_view{metric}, {{std::string_view{key}, std::string_view{value}}}, {.merge = merge}};
            points.push_back(one(series, Value{static_cast<std::int64_t>(random() % 1000)}));
        }
        const Outcome outcome = take(page, points);
        std::size_t samples = 0;
        for (const auto& [name, family] : parse_prometheus(page.text(start))) {
            samples += family.samples.size();
        }
        CHECK(samples > 0);
        CHECK(outcome.retry_from == points.size());
    }
}

TEST_CASE("/metrics: a total stays as it is rather than overflow") {
    MetricsPage page;
    const Series sum{"c", {}, {.merge = SeriesOptions::Merge::sum}};
    const Series real{"r", {}, {.merge = SeriesOptions::Merge::sum}};
    take(page,
         {one(sum, std::numeric_limits<std::int64_t>::max()), one(sum, 10), one(real, 1.7e308), one(real, 1.7e308)});
    auto families = parse_prometheus(page.text(start));
    CHECK(families["c_total"].samples.front().value == 9223372036854775808.0);
    CHECK(families["r_total"].samples.front().value == 1.7e308);
}

TEST_CASE("/metrics: the server answers GET and HEAD of /metrics, and nothing else") {
    MetricsServer server{"127.0.0.1:0"};
    const std::vector<Point> points{one(Series{"a.b"}, 7)};
    server.publish(points);
    const std::string page = get(server, "/metrics?x=1");
    CHECK(page.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(page.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n") != std::string::npos);
    CHECK(body_of(page) == "# HELP a_b a.b\n# TYPE a_b untyped\na_b 7\n");
    const std::string head = get(server, "/metrics", "HEAD");
    CHECK(head.find("Content-Length: " + std::to_string(body_of(page).size()) + "\r\n") != std::string::npos);
    CHECK(body_of(head).empty());
    CHECK(get(server, "/").starts_with("HTTP/1.1 404 "));
    for (const char* const method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
        CHECK(get(server, "/metrics", method).starts_with("HTTP/1.1 405 "));
    }
    CHECK(get(server, "/" + std::string(20'000, 'x')).find(" 200 ") == std::string::npos);
    const test::Peer garbage{server.port()};
    garbage.say(std::string_view{"\x16\x03\x01 no HTTP\r\n\r\n"});
    CHECK(garbage.rest().find(" 200 ") == std::string::npos);
    CHECK(get(server).starts_with("HTTP/1.1 200 OK\r\n")); // and it goes on
}

TEST_CASE("/metrics: a request that does not end is closed after its time") {
    const MetricsServer server{"127.0.0.1:0", {.request = 50ms}};
    const test::Peer slow{server.port()};
    slow.say("GET /metrics HT");
    CHECK(slow.rest().find("(nothing)") == std::string::npos);
}

TEST_CASE("/metrics: too many connections close the oldest, so that slow ones do not keep readers out") {
    const MetricsServer server{"127.0.0.1:0", {.connections = 2, .request = 1h}};
    std::vector<std::unique_ptr<test::Peer>> slow;
    for (int i = 0; i < 5; ++i) {
        slow.push_back(std::make_unique<test::Peer>(server.port()));
        slow.back()->say("GET /metrics HT");
    }
    CHECK(get(server).starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(slow.front()->rest().find("(nothing)") == std::string::npos);
}

TEST_CASE("/metrics: the server ends at once, whatever its connections do") {
    std::unique_ptr<MetricsServer> server = std::make_unique<MetricsServer>("127.0.0.1:0");
    const test::Peer slow{server->port()};
    slow.say("GET /metrics HT");
    const std::uint16_t port = server->port();
    server.reset();
    CHECK(slow.rest().find("(nothing)") == std::string::npos);
    const MetricsServer next{"127.0.0.1:" + std::to_string(port)}; // and its address is free
    CHECK(next.port() == port);
}

TEST_CASE("/metrics: behind a Tee, a page takes points at once and beside other destinations") {
    MetricsServer page{"127.0.0.1:0"};
    MetricsServer other{"127.0.0.1:0"};
    Tee both{std::ref(page), std::ref(other)};
    const std::vector<Point> points{one(Series{"a.b"}, 7)};
    CHECK(both.publish(points).accepted() == 1);
    CHECK(body_of(get(page)) == body_of(get(other)));
    CHECK(body_of(get(page)).find("a_b 7\n") != std::string::npos);
}

TEST_CASE("/metrics: a text that is no address is refused, and an address that is taken is named") {
    for (const char* const none :
         {"", "9184", "localhost:9184", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "::1:9184", ":9184", "[::1]"}) {
        CAPTURE(none);
        CHECK_THROWS_AS(serve_metrics(none), UsageError);
    }
    const MetricsServer server{"127.0.0.1:0"};
    const std::string taken = "127.0.0.1:" + std::to_string(server.port());
    CHECK_THROWS_WITH(serve_metrics(taken), Catch::Matchers::StartsWith("cannot serve metrics at " + taken));
}
