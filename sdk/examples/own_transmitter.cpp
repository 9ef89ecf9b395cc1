// SPDX-License-Identifier: MIT
// Your own transmitter: points as CSV on stdout.
#include <tickertape/counter.hpp>
#include <tickertape/testkit/manual_clock.hpp>
#include <tickertape/transmitter.hpp>

#include <chrono>
#include <iostream>

using namespace tickertape;
using namespace std::chrono_literals;

class Csv : public Transmitter {
public:
    Outcome publish(std::span<const Point> points) override {
        for (const Point& point : points) {
            const auto second = std::chrono::floor<std::chrono::seconds>(point.time()).time_since_epoch().count();
            std::cout << second << ',' << point.series().metric() << ',' << to_string(point.value()) << '\n';
        }
        return Outcome::all(points);
    }
};

int main() {
    testkit::ManualClock clock; // so that this example prints the same each time, and at once
    MetricCounter<stock> load{"shop.load", {.tags = {{"service", "checkout"}}, .clock = &clock}};
    for (const double reading : {0.25, 1.0, 1.5}) {
        load.set(reading);
        clock.advance(1s);
    }
    Csv csv;
    load.dump(csv);
}
