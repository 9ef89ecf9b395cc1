// expect: MetricCounter<tickertape::rate>.*has no member named .set|no member named .set. in .tickertape::MetricCounter
// SPDX-License-Identifier: MIT
#include <tickertape/counter.hpp>

void record() {
    tickertape::MetricCounter counts{"counts"};
    counts.set(1);
}
