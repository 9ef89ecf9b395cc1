// SPDX-License-Identifier: MIT
// Latencies of requests: a pause of 0.4 s every 10 s. The mean hides it, and p99 shows it.
#include <tickertape/distribution.hpp>
#include <tickertape/manual_clock.hpp>

#include <chrono>
#include <iostream>

using namespace tickertape;
using namespace std::chrono_literals;

int main() {
    ManualClock clock; // so that this example prints the same each time, and at once
    MetricCounter<distribution> latency{"shop.latency",
                                        {.timespan = 20s,
                                         .fields = {Field::count, Field::mean, Field::max},
                                         .quantiles = {0.5, 0.99},
                                         .clock = &clock}};
    for (int second = 0; second < 20; ++second) {
        for (int request = 0; request < 200; ++request) {
            // While the server pauses, five requests wait for it.
            const bool waits = second % 10 == 7 && request < 5;
            latency.record(waits ? 0.4 : 0.002 + 0.00001 * (request % 100));
        }
        clock.advance(1s);
    }

    for (const Bucket<Sketch>& second : latency.window()) {
        if (second.value.count() > 0 && second.value.quantile(0.99) > 0.1) {
            std::cout << "a second with a pause: mean " << second.value.mean() << " s, p99 "
                      << second.value.quantile(0.99) << " s\n";
        }
    }
    const Sketch all = latency.window().merged(); // one sketch over the timespan
    std::cout << all.count() << " requests, half of them up to " << all.quantile(0.5) << " s, one in a thousand above "
              << all.quantile(0.999) << " s\n";

    {
        // A scope is one measurement, even if an exception ends it.
        const auto timing = latency.time();
        clock.advance(50ms);
    }
    std::cout << "the last one took " << latency.window().merged().min() << " to " << latency.window().merged().max()
              << " s\n";
}
