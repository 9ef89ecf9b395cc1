// SPDX-License-Identifier: MIT
#include <tickertape/counter.hpp>

void count(tickertape::MetricCounter<tickertape::rate>& bytes) { bytes.add(500'000); }
