// SPDX-License-Identifier: MIT
// Clocks without a pulse of the library: buckets close when the user's own loop calls `tick`.
#include <chrono>

#include <tickertape/clock.hpp>
#include <tickertape/counter.hpp>

#include "support/catch.hpp"
#include "support/on_manual_clock.hpp"

using namespace std::chrono_literals;
using test::dumped;
using test::text_of;
using tickertape::Memory;
using tickertape::MetricCounter;

TEST_CASE("Without a pulse, buckets close at the user's ticks") {
    test::HandClock clock;
    MetricCounter rate{"rate", {.clock = &clock}};
    rate.add(1);
    clock.pass(1s);
    CHECK(text_of(rate.window()) == "0=~1");
    clock.tick();
    CHECK(text_of(rate.window()) == "0=1 1=~0");
    rate.add(2);
    clock.pass(300ms);
    clock.tick(); // too early to close anything
    CHECK(text_of(rate.window()) == "0=1 1=~2");
    rate.add(3);
    clock.pass(800ms);
    rate.add(4); // after the end of its bucket, but before the tick
    clock.tick();
    CHECK(dumped(rate) == "0=1 1=9");
    CHECK(clock.stats().ticks == 2);
    CHECK(clock.stats().ticks_missed == 0);
    CHECK(clock.stats().tick_lateness_last == 100ms);
}

TEST_CASE("Without a pulse, ticks that do not come count as missed, and a dump ticks, too") {
    test::HandClock clock;
    MetricCounter rate{"rate", {.clock = &clock}};
    rate.add(6);
    clock.pass(3500ms);
    CHECK(dumped(rate) == "0=2 1=2 2=2");
    CHECK(clock.stats().ticks_missed == 2);
    CHECK(rate.stats().smeared == 3);
}

TEST_CASE("A LoopClock follows the machine's time and ticks only on request") {
    tickertape::LoopClock clock;
    MetricCounter rate{"rate", {.timespan = 1ms, .granularity = 1ms, .clock = &clock}};
    rate.add(7);
    const auto start = clock.read();
    CHECK(clock.wait_until(start.steady + 3ms, {}));
    CHECK(clock.read().steady >= start.steady + 3ms);
    CHECK(clock.stats().ticks == 0);
    clock.tick();
    CHECK(clock.stats().ticks == 1);
    Memory memory;
    rate.dump(memory);
    std::int64_t sum = 0;
    for (const auto& point : memory.points()) {
        sum += point.value().integer();
    }
    CHECK(sum + rate.stats().counts_lost == 7);
}

TEST_CASE("A wait on a clock ends when a stop is requested") {
    tickertape::LoopClock clock;
    std::stop_source stop;
    stop.request_stop();
    CHECK_FALSE(clock.wait_until(clock.read().steady + 1h, stop.get_token()));
    test::OriginClock manual;
    CHECK_FALSE(manual->wait_until(manual->read().steady + 1h, stop.get_token()));
    CHECK(manual->read().wall == test::origin);
}
