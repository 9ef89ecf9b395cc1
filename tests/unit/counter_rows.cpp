// SPDX-License-Identifier: MIT
// Ticks store the totals of rates in rows, which become buckets later. Callers see no difference.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <tickertape/counter.hpp>

#include "support/catch.hpp"
#include "support/on_manual_clock.hpp"

using namespace std::chrono_literals;
using test::dumped;
using test::OriginClock;
using test::text_of;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::rate;

namespace {

/// A rate, and the expected values of its buckets since its last dump.
struct Expected {
    explicit Expected(const std::string& name, OriginClock& clock, std::chrono::milliseconds granularity)
        : counter{name, {.timespan = 60 * granularity, .granularity = granularity, .clock = &*clock}} {}

    MetricCounter<rate> counter;
    std::vector<std::int64_t> buckets{0};
};

std::vector<std::int64_t> values(MetricCounter<rate>& counter) {
    Memory memory;
    counter.dump(memory);
    std::vector<std::int64_t> all;
    for (const tickertape::Point& point : memory.points()) {
        all.push_back(point.value().integer());
    }
    return all;
}

} // namespace

TEST_CASE("Rates that come and go have the right buckets in every dump") {
    constexpr std::size_t many = 1100; // three chunks of ids
    std::mt19937 random{17};
    const auto below = [&random](std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(random);
    };
    for (const std::chrono::milliseconds granularity : {1000ms, 10ms}) {
        OriginClock clock;
        std::vector<std::unique_ptr<Expected>> all;
        std::size_t born = 0;
        const auto birth = [&] { return std::make_unique<Expected>("m" + std::to_string(born++), clock, granularity); };
        while (all.size() < many) {
            all.push_back(birth());
        }
        for (int tick = 0; tick < 300; ++tick) {
            for (int i = 0; i < 40; ++i) {
                Expected& one = *all[below(many)];
                const auto n = static_cast<std::int64_t>(below(9)) - 2;
                one.counter.add(n);
                one.buckets.back() += n;
            }
            clock->advance(granularity);
            for (const auto& one : all) {
                one->buckets.push_back(0);
            }
            if (below(5) == 0) {
                Expected& one = *all[below(many)];
                one.buckets.pop_back(); // the running one
                const std::size_t most = 122;
                if (one.buckets.size() > most) {
                    one.buckets.erase(one.buckets.begin(), one.buckets.end() - most);
                }
                REQUIRE(values(one.counter) == one.buckets);
                one.buckets = {0};
            }
            if (below(11) == 0) {
                const std::size_t place = below(many);
                all[place].reset();
                all[place] = birth();
            }
        }
    }
}

TEST_CASE("Changes of a rate between two ticks affect no bucket that had ended") {
    OriginClock clock;
    MetricCounter<rate> counter{"m", {.clock = &*clock}};
    const auto count = [&](std::int64_t n) {
        counter.add(n);
        clock->advance(1s);
    };
    count(1);
    count(2);
    counter.suspend();
    count(3);
    count(4);
    counter.resume();
    CHECK(text_of(counter.window()) == "0=1 1=2 2=~3 3=- 4=~4");
    count(5);
    count(6);
    clock->stall(2s); // a late tick
    count(0);
    CHECK(dumped(counter) == "0=1 1=2 2=3 4=9 5=6 6=0 7=0 8=0");
    count(8);
    count(9);
    counter.clear();
    CHECK(counter.stats().counts_cleared == 17);
    count(10);
    CHECK(dumped(counter) == "11=10");
}

TEST_CASE("Buckets that ended before wall time was set back keep their timestamps") {
    OriginClock clock;
    MetricCounter<rate> counter{"m", {.clock = &*clock}};
    for (int second = 0; second < 5; ++second) {
        counter.add(second + 1);
        clock->advance(1s);
    }
    clock->step(-2h);
    counter.add(7);
    clock->advance(1s);
    counter.add(8);
    clock->advance(1s);
    CHECK(dumped(counter).starts_with("0=1 1=2 2=3 3=4 4=5"));
}
