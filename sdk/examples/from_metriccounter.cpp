// SPDX-License-Identifier: MIT
// For users of the Python library metriccounter: its stop watch, fractions, the sum of a counter, and the current time.
#include <tickertape/distribution.hpp>
#include <tickertape/testkit/lines.hpp>
#include <tickertape/testkit/manual_clock.hpp>

#include <chrono>
#include <cstdint>
#include <iostream>

#include <range/v3/numeric/accumulate.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main() {
    testkit::ManualClock clock; // so that this example prints the same each time, and at once

    // with StopWatch() as timer: …
    MetricCounter<distribution> duration{"shop.duration", {.fields = {Field::max}, .quantiles = {}, .clock = &clock}};
    {
        const auto timing = duration.time();
        clock.advance(250ms); // the work
    }
    // counter.add(0.5)
    MetricCounter<distribution> litres{"shop.litres", {.fields = {Field::sum}, .quantiles = {}, .clock = &clock}};
    litres.record(0.5);
    litres.record(0.25);
    // counter.get_sum()
    MetricCounter orders{"shop.orders", {.clock = &clock}};
    orders.add(3);
    clock.advance(1s);
    orders.inc();
    const auto add_up = [](const auto& values) { return ranges::accumulate(values, std::int64_t{0}); };
    std::cout << "orders: " << orders.summarize(add_up) << '\n';
    // counter.now()
    const auto now = std::chrono::floor<std::chrono::seconds>(orders.clock().read().wall);
    std::cout << "now: " << now.time_since_epoch().count() << '\n';

    std::cout << testkit::lines(duration) << testkit::lines(litres);
}
