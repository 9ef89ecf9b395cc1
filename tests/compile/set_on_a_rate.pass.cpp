// SPDX-License-Identifier: MIT
#include <tickertape/counter.hpp>

void record() {
    tickertape::MetricCounter<tickertape::stock> level{"level"};
    level.set(1);
}
