// SPDX-License-Identifier: MIT
// Your own transmitter, whose receiver keeps one value of a series in a second: a Telemeter adds up the values.
#include <tickertape/telemeter.hpp>
#include <tickertape/testkit/manual_clock.hpp>

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
    Transmitter::Traits traits() const noexcept override { return {.keeps_every_event = false}; }
};

int main() {
    testkit::ManualClock clock; // so that this example prints the same each time, and at once
    Telemeter telemeter{Csv{}, {}, {.clock = &clock}};
    const auto requests = telemeter.counter("shop.requests");
    const auto cache = telemeter.gauge("shop.cache_size");
    const auto timer = telemeter.timer("shop.process_time");
    for (int i = 0; i < 4; ++i) {
        requests.inc();
        cache.value(17 + i);
        timer.took(i * 250ms);
        clock.advance(300ms);
    }
}
