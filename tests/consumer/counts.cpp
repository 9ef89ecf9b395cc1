// SPDX-License-Identifier: MIT
// Uses the SDK and the test kit.
#include <chrono>
#include <iostream>

#include <tickertape/counter.hpp>
#include <tickertape/testkit/lines.hpp>
#include <tickertape/testkit/manual_clock.hpp>

int main() {
    tickertape::testkit::ManualClock clock;
    tickertape::MetricCounter requests{"shop.requests", {.clock = &clock}};
    requests.add(3);
    clock.advance(std::chrono::seconds{1});
    std::cout << tickertape::testkit::lines(requests);
}
