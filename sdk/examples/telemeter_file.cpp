// SPDX-License-Identifier: MIT
// The program in the README of the Python library telemetry, including the transmitter that the README leaves to its reader.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <vector>

#include <tickertape/json_lines.hpp>
#include <tickertape/telemeter.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

std::vector<int> cache(17);
void work() { cache.push_back(0); }

void measure() {
    Telemeter telemeter{JsonLines{"shop.log"}, {{"app", "checkout"}}}; // the tags are on every point
    const auto requests = telemeter.counter("shop.requests");
    const auto size = telemeter.gauge("shop.cache_size");
    const auto timer = telemeter.timer("shop.process_time");

    requests.inc({{"page", "cart"}}); // a call's own tags win
    size.value(cache.size());
    {
        const auto timing = timer.timeit(); // in seconds, also when work throws
        work();
    }
    telemeter.record("shop.custom", 0.42);
}

} // namespace

int main() {
    std::remove("shop.log");
    measure(); // its end writes the queued points
    std::cout << std::ifstream{"shop.log"}.rdbuf();
    std::remove("shop.log");
}
