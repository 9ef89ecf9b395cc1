// expect: a rate counts whole numbers: count in a smaller unit .*MetricCounter<stock>
// SPDX-License-Identifier: MIT
#include <tickertape/counter.hpp>

void count(tickertape::MetricCounter<tickertape::rate>& gigabytes) { gigabytes.add(0.5); }
