// SPDX-License-Identifier: MIT
// The first counter: counts events, and prints their number for each second.
#include <tickertape/autodump.hpp>

#include <chrono>
#include <thread>

using namespace tickertape;
using namespace std::chrono_literals;

int main() {
    MetricCounter requests{"shop.requests", {.tags = {{"service", "checkout"}}, .timespan = 2s}};
    autodump dump{requests};
    for (int i = 0; i < 30; ++i) {
        requests.inc();
        std::this_thread::sleep_for(50ms);
    }
}
