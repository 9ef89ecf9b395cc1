// SPDX-License-Identifier: MIT
// A burst seen from inside: fine buckets, summarized by any range algorithm.
#include <tickertape/counter.hpp>
#include <tickertape/testkit/manual_clock.hpp>

#include <chrono>
#include <iostream>

#include <range/v3/algorithm/max.hpp>
#include <range/v3/algorithm/max_element.hpp>
#include <range/v3/numeric/accumulate.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

int main() {
    testkit::ManualClock clock; // so that this example prints the same each time, and at once
    MetricCounter requests{"shop.requests", {.timespan = 1s, .granularity = 100ms, .clock = &clock}};
    for (const int count : {2, 3, 1, 40, 2, 0, 1, 3, 2, 1}) {
        requests.add(count);
        clock.advance(100ms);
    }

    // summarize(f) passes the values of the last second to f.
    std::cout << "in a second: "
              << requests.summarize([](const auto& values) { return ranges::accumulate(values, 0L); }) << '\n';
    std::cout << "in the worst 100 ms: " << requests.summarize(ranges::max) << '\n';

    // window() also has the times.
    const auto window = requests.window();
    const auto worst = ranges::max_element(window, {}, &Bucket<std::int64_t>::value);
    const auto stamp = std::chrono::floor<std::chrono::milliseconds>(worst->start).time_since_epoch();
    std::cout << "these began at: " << stamp.count() << '\n';
}
