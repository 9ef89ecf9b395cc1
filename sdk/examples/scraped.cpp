// SPDX-License-Identifier: MIT
// The current values at http://127.0.0.1:9184/metrics, for a platform that fetches them. usage: scraped [ADDRESS [SECONDS]]
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include <tickertape/autodump.hpp>
#include <tickertape/distribution.hpp>
#include <tickertape/serve_metrics.hpp>

using namespace std::chrono_literals;
using namespace tickertape;

int main(int argc, char** argv) {
    const std::string listen = argc > 1 ? argv[1] : "127.0.0.1:9184";
    MetricCounter<rate> requests{"shop.requests", {.tags = {{"site", "lga"}}, .timespan = 1s}};
    MetricCounter<stock> queue{"shop.queue", {.timespan = 1s}};
    MetricCounter<distribution> latency{"shop.latency", {.timespan = 1s, .buckets = {0.1, 1}}};
    autodump page{serve_metrics(listen)}; // all counters
    for (int seconds = argc > 2 ? std::stoi(argv[2]) : 60; seconds > 0; --seconds) {
        requests.inc();
        queue.set(seconds);
        latency.record(0.001 * seconds);
        std::this_thread::sleep_for(1s);
    }
    std::puts("served for its time");
}
