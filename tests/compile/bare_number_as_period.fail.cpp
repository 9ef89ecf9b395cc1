// expect: no matching function for call to .run_every_n_seconds
// SPDX-License-Identifier: MIT
#include <tickertape/schedule.hpp>

void run() {
    tickertape::run_every_n_seconds(15, [] {});
}
