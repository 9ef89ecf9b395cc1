// SPDX-License-Identifier: MIT
// Uses the library for TLS.
#include <array>
#include <chrono>
#include <iostream>

#include <tickertape/tls.hpp>
#include <tickertape/tsd_http.hpp>

int main() {
    using namespace tickertape;
    // No server listens there, so accepted points are held.
    TsdHttp tsd{"https://127.0.0.1:1", {.tls = tls()}};
    const std::array points{Point{Series{"m"}, WallTime{std::chrono::seconds{1'700'000'000}}, 1}};
    std::cout << tsd.publish(points).accepted() << " accepted, " << tsd.account().in_flight << " in flight\n";
}
