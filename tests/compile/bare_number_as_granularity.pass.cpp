// SPDX-License-Identifier: MIT
#include <chrono>

#include <tickertape/counter.hpp>

void count() {
    using namespace std::chrono_literals;
    tickertape::MetricCounter counts{"counts", {.granularity = 1s}};
    counts.inc();
}
