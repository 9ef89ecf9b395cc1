// SPDX-License-Identifier: MIT
#include <chrono>

#include <tickertape/schedule.hpp>

void run() {
    using namespace std::chrono_literals;
    tickertape::run_every_n_seconds(15s, [] {});
}
