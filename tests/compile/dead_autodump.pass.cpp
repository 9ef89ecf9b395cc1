// SPDX-License-Identifier: MIT
#include <tickertape/autodump.hpp>

void count(tickertape::MetricCounter<tickertape::rate>& counter) {
    const tickertape::autodump dump{counter};
    counter.inc();
}
