// expect: (could not convert .1. from .int. to|no viable conversion from .int. to) .std::chrono::milliseconds
// SPDX-License-Identifier: MIT
#include <tickertape/counter.hpp>

void count() {
    tickertape::CounterOptions options{.granularity = 1};
    tickertape::MetricCounter counts{"counts", options};
    counts.inc();
}
