// SPDX-License-Identifier: MIT
// A real VictoriaMetrics scrapes the page of serve_metrics, and promtool checks it.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include <scrape/metrics_server.hpp>
#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/distribution.hpp>

#include <support/catch.hpp>
#include <support/eventually.hpp>
#include <support/peer.hpp>
#include <support/process.hpp>
#include <support/temporary_directory.hpp>
#include <support/victoria_metrics.hpp>

using namespace std::chrono_literals;
using namespace tickertape;

namespace {

/// A page with one counter of each kind.
struct Page {
    scrape::MetricsServer server{"127.0.0.1:0"};

    Page() {
        const CounterOptions options{.tags = {{"site", "a"}}, .timespan = 1s, .granularity = 1s};
        MetricCounter<rate> requests{"scraped.requests", options};
        MetricCounter<stock> level{"scraped.level", options};
        CounterOptions wide = options;
        wide.buckets = {0.1, 1};
        MetricCounter<distribution> latency{"scraped.latency", wide};
        requests.add(7);
        level.set(0.5);
        latency.record(0.05);
        latency.record(5);
        autodump dump{std::ref(server), requests, level, latency};
        REQUIRE(dump.finish(60s).complete);
    }
};

} // namespace

TEST_CASE("a real VictoriaMetrics scrapes totals, gauges and histograms from /metrics") {
    if (!test::VictoriaMetrics::is_installed()) {
        WARN("there is no VictoriaMetrics here");
        return;
    }
    const Page page;
    const test::TemporaryDirectory directory;
    directory.write("scrape.yml", "scrape_configs:\n  - job_name: tickertape\n    scrape_interval: 1s\n"
                                  "    static_configs:\n      - targets: ['127.0.0.1:" +
                                      std::to_string(page.server.port()) + "']\n");
    const test::VictoriaMetrics victoria{
        {"-promscrape.config=" + (directory.path() / "scrape.yml").string(), "-promscrape.suppressScrapeErrors"}};
    const auto has = [&](const std::string& query, double value) {
        return test::eventually([&] {
            const auto now = std::chrono::system_clock::now().time_since_epoch();
            return victoria.query(query, std::chrono::duration_cast<std::chrono::seconds>(now).count()) == value;
        });
    };
    CHECK(has("up{job=\"tickertape\"}", 1));
    CHECK(has("scraped_requests_total{site=\"a\"}", 7));
    CHECK(has("scraped_level{site=\"a\"}", 0.5));
    CHECK(has("scraped_latency_bucket{le=\"0.1\"}", 1));
    CHECK(has("scraped_latency_bucket{le=\"+Inf\"}", 2));
    CHECK(has("scraped_latency_count", 2));
    CHECK(has("scraped_latency_sum", 5.05));
}

TEST_CASE("promtool finds no fault at /metrics") {
    const char* const named = std::getenv("TICKERTAPE_PROMTOOL");
    const std::filesystem::path promtool = named != nullptr ? named : "/usr/bin/promtool";
    if (!std::filesystem::exists(promtool)) {
        WARN("there is no promtool here (Debian: prometheus)");
        return;
    }
    const Page page;
    const test::Peer peer{page.server.port()};
    peer.say("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::string answer = peer.rest();
    test::Process process{{.program = promtool, .arguments = {"check", "metrics"}, .in = test::Pipe{}}};
    process.in.write(answer.substr(answer.find("\r\n\r\n") + 4));
    process.in.close();
    const test::Result result = test::finish(process, 60s);
    CAPTURE(result.out, result.err);
    CHECK(result.ended == test::exit_0);
}
