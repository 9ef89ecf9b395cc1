// SPDX-License-Identifier: MIT
// An application's measurements: each call becomes a JSON object on stdout, by its own transmitter.
#include <tickertape/telemeter.hpp>
#include <tickertape/testkit/manual_clock.hpp>

#include <chrono>
#include <iostream>
#include <string_view>

using namespace tickertape;
using namespace std::chrono_literals;

class Json : public Transmitter {
public:
    Outcome publish(std::span<const Point> points) override {
        for (const Point& point : points) {
            const auto ms = std::chrono::floor<std::chrono::milliseconds>(point.time()).time_since_epoch().count();
            std::cout << R"({"name":")" << point.series().metric() << R"(","value":)" << to_string(point.value())
                      << R"(,"ms":)" << ms << R"(,"tags":")" << point.series().tags_text() << "\"}\n";
        }
        return Outcome::all(points);
    }
};

int main() {
    testkit::ManualClock clock; // so that this example prints the same each time, and at once
    Telemeter telemeter{Json{}, {{"app", "shop"}}, {.clock = &clock}};
    const auto requests = telemeter.counter("shop.requests");
    const auto cache = telemeter.gauge("shop.cache_size");
    const auto timer = telemeter.timer("shop.process_time");

    for (const std::string_view page : {"cart", "pay"}) {
        requests.inc({{"page", page}});
        const auto timing = timer.timeit({{"page", page}});
        clock.advance(250ms); // the work
    }
    cache.value(17);
    requests.dec();
    telemeter.record("shop.custom", 0.42, {{"app", "other"}});
}
