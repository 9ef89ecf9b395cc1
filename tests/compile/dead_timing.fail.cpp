// expect: nodiscard
// SPDX-License-Identifier: MIT
#include <tickertape/telemeter.hpp>

void work(const tickertape::TelemeterTimer& timer) { timer.timeit(); }
