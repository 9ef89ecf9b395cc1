// expect: nodiscard
// SPDX-License-Identifier: MIT
#include <tickertape/autodump.hpp>

void count(tickertape::MetricCounter<tickertape::rate>& counter) {
    tickertape::autodump{counter};
    counter.inc();
}
