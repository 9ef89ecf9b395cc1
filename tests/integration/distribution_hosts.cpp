// SPDX-License-Identifier: MIT
// Cumulative buckets of two hosts, added up by a real VictoriaMetrics, against the sorted values of both.
#include <tickertape/distribution.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <tickertape/manual_clock.hpp>
#include <tickertape/testkit/memory.hpp>
#include <tickertape/tsd_http.hpp>

#include <support/catch.hpp>
#include <support/pushing.hpp>
#include <support/victoria_metrics.hpp>

using namespace tickertape;
using namespace std::chrono_literals;
using test::VictoriaMetrics;

TEST_CASE("distribution: the quantile over two hosts in VictoriaMetrics is in the bucket of the merged values") {
    if (!VictoriaMetrics::is_installed()) {
        WARN("not tested, as VictoriaMetrics is not installed; scripts/setup --tests does that");
        CHECK(std::getenv("CI") == nullptr);
        return;
    }
    const VictoriaMetrics server;
    ManualClock clock{WallTime{1'700'001'000s}};
    std::mt19937_64 random{18};
    const std::vector<double> ends{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};
    std::vector<double> values;
    std::vector<Point> points;
    {
        const auto options = [&](const std::string& host) {
            return CounterOptions{.tags = {{"host", host}}, .timespan = 60s, .buckets = ends, .clock = &clock};
        };
        Memory memory;
        MetricCounter<distribution> fast{"shop.latency", options("web01")};
        MetricCounter<distribution> slow{"shop.latency", options("web02")};
        for (int second = 0; second < 60; ++second) {
            // The slow host has the tail, and few requests: the mean of the two p99 would be far off.
            for (int request = 0; request < 300; ++request) {
                auto& host = request < 280 ? fast : slow;
                const double value = std::lognormal_distribution{request < 280 ? -6.0 : -2.0, 0.7}(random);
                values.push_back(value);
                host.record(value);
            }
            clock.advance(1s);
        }
        fast.dump(memory);
        slow.dump(memory);
        points = memory.points();
    }
    const auto pushed = test::push_http("http://127.0.0.1:" + std::to_string(server.http_port()), points);
    CHECK(pushed.account.acked == points.size());
    std::sort(values.begin(), values.end());
    for (const double share : {0.25, 0.5, 0.9, 0.95, 0.99, 0.999}) {
        const double exact = values[static_cast<std::size_t>(share * static_cast<double>(values.size()))];
        const double told = server.query("histogram_quantile(" + std::to_string(share) +
                                             ",sum(sum_over_time({__name__=\"shop.latency.bucket\"}[60s]))by(le))",
                                         1'700'001'059);
        const auto end = std::upper_bound(ends.begin(), ends.end(), exact);
        REQUIRE(end != ends.begin());
        REQUIRE(end != ends.end());
        INFO("quantile " << share << " is " << exact << ", VictoriaMetrics has " << told);
        // Values within 1 % of a limit may count on either side of it.
        CHECK(told >= 0.99 * *(end - 1));
        CHECK(told <= 1.01 * *end);
    }
    CHECK(server.query("sum(sum_over_time({__name__=\"shop.latency.bucket\",le=\"Inf\"}[60s]))", 1'700'001'059) ==
          static_cast<double>(values.size()));
}
