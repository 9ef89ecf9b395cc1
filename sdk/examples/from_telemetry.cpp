// SPDX-License-Identifier: MIT
// For users of the Python library telemetry: a buffer's soft limit, the name of a metric, and measurements of your own.
#include <chrono>
#include <functional>
#include <iostream>
#include <vector>

#include <tickertape/buffered.hpp>
#include <tickertape/telemeter.hpp>
#include <tickertape/testkit/memory.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main() {
    Memory memory; // in place of a server
    // Telemeter(BufferedTransmitter(transmitter, max_buffer_size=100), {'app': 'checkout'})
    Buffered buffered{std::ref(memory), {.max_buffer_size = 100}};
    // buffered.has_reached_soft_limit
    const auto has_reached_soft_limit = [&] { return buffered.remaining_capacity() * 10 <= buffered.limit(); };
    std::cout << "soft limit: " << has_reached_soft_limit() << '\n';
    {
        Telemeter telemeter{std::ref(buffered), {{"app", "checkout"}}};
        const auto requests = telemeter.counter("shop.requests");
        requests.inc({{"page", "cart"}});
        requests.dec();
        // telemeter.publish(measurement)
        const std::vector<Point> measurements{{Series{"shop.custom", {{"page", "cart"}}}, WallTime{1700000000s}, 0.42}};
        telemeter.publish(measurements);
    }
    // buffered.flush()
    if (!buffered.flush(std::chrono::steady_clock::now() + 60s)) {
        return 1;
    }
    // metric.name, measurement.value, measurement.tags
    for (const Point& point : memory.points()) {
        std::cout << point.series().metric() << ' ' << to_string(point.value()) << ' ' << point.series().tags_text()
                  << '\n';
    }
}
