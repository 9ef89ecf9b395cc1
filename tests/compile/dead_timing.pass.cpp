// SPDX-License-Identifier: MIT
#include <tickertape/telemeter.hpp>

void work(const tickertape::TelemeterTimer& timer) { const auto timing = timer.timeit(); }
