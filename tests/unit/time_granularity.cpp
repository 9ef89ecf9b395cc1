// SPDX-License-Identifier: MIT
// Granularities and timespans: where buckets and dumps begin and end, and the first and the last bucket.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>

#include "support/catch.hpp"
#include "support/on_manual_clock.hpp"

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using test::dumped;
using test::OriginClock;
using test::seconds_text;
using test::text_of;
using tickertape::autodump;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::stock;

namespace {

std::string point(std::chrono::nanoseconds timestamp, int value) {
    return seconds_text(timestamp) + "=" + std::to_string(value);
}

} // namespace

TEST_CASE("Buckets of at most 1 s: the first is written though begun before the counter, the last when it has ended") {
    const milliseconds g = GENERATE(1ms, 10ms, 100ms, 1000ms);
    const std::chrono::nanoseconds quarter = g / std::chrono::nanoseconds{4ns} * 1ns;
    CAPTURE(g.count());
    OriginClock clock{quarter};
    Memory memory;
    MetricCounter rate{"rate", {.timespan = 5 * g, .granularity = g, .clock = &*clock}};
    autodump dump{memory, rate};
    rate.add(1);
    clock->advance(g);
    rate.add(10);
    clock->advance(g);
    rate.add(100);
    CHECK(memory.size() == 0);
    const auto report = dump.finish();
    CHECK(text_of(memory) == point(0s, 1) + " " + point(g, 10) + " " + point(2 * g, 100));
    CHECK(clock->read().wall == test::origin + 3 * g);
    CHECK(rate.stats().carried == 0);
    CHECK(report == tickertape::autodump::Report{.accepted = 3, .complete = true});
}

TEST_CASE("Longer buckets: the first, already begun, is carried into the next, and the last is cut short") {
    const milliseconds g = GENERATE(2s, 15s, 60s, 120s);
    CAPTURE(g.count());
    OriginClock clock{g / 4};
    Memory memory;
    MetricCounter rate{"rate", {.timespan = 5 * g, .granularity = g, .clock = &*clock}};
    MetricCounter<stock> level{"level", {.timespan = 5 * g, .granularity = g, .clock = &*clock}};
    autodump dump{memory, rate, level};
    rate.add(1);
    level.set(0.25);
    clock->advance(g);
    CHECK(rate.stats().carried == 1);
    CHECK(level.stats().carried == 1);
    rate.add(10);
    clock->advance(g);
    rate.add(100);
    level.set(0.75);
    const auto report = dump.finish();
    CHECK(text_of(memory, "rate") == point(g, 11) + " " + point(2 * g, 100));
    CHECK(text_of(memory, "level") == seconds_text(g) + "=0.25 " + seconds_text(2 * g) + "=0.75");
    CHECK(clock->read().wall == test::origin + 9 * g / 4);
    CHECK(report == tickertape::autodump::Report{.accepted = 4, .complete = true});
    CHECK(rate.stats().carried == 1);

    SECTION("later counts go into the next bucket, not under the same timestamp again") {
        rate.add(1000);
        level.set(2.5);
        clock->advance(2 * g);
        CHECK(dumped(rate) == point(3 * g, 1000));
        CHECK(dumped(level) == seconds_text(3 * g) + "=2.5");
        CHECK(rate.stats().carried == 1001);
    }
    SECTION("nor by a second autodump") {
        memory.clear();
        autodump second{memory, rate};
        rate.add(1000);
        second.finish();
        CHECK(memory.size() == 0);
        CHECK(rate.window().end()[-1].value == 1000);
        autodump third{memory, rate};
        clock->advance(g);
        third.finish();
        CHECK(text_of(memory) == point(3 * g, 1000));
        clock->advance(2 * g);
        CHECK(dumped(rate) == point(4 * g, 0));
    }
}

TEST_CASE("A rate bucket without counts is not cut short, nor one that had begun before the counter") {
    OriginClock clock;
    Memory memory;
    MetricCounter whole{"whole", {.timespan = 15s, .granularity = 15s, .clock = &*clock}};
    clock->advance(5s);
    MetricCounter begun{"begun", {.timespan = 15s, .granularity = 15s, .clock = &*clock}};
    begun.inc();
    {
        autodump dump{memory, whole, begun};
        clock->advance(5s);
        CHECK(dump.finish() == tickertape::autodump::Report{.complete = true});
    }
    CHECK(memory.size() == 0);
    clock->advance(20s);
    CHECK(dumped(begun) == "15=1");
}

TEST_CASE("A counter made on the boundary of a long bucket has that bucket") {
    OriginClock clock;
    MetricCounter rate{"rate", {.timespan = 60s, .granularity = 60s, .clock = &*clock}};
    rate.inc();
    clock->advance(60s);
    CHECK(dumped(rate) == "0=1");
    CHECK(rate.stats().carried == 0);
}

TEST_CASE("A counter made again in the same bucket carries into the next") {
    OriginClock clock;
    Memory memory;
    std::optional<MetricCounter<>> rate;
    const milliseconds g = GENERATE(1s, 20s);
    const std::int64_t undumped = tickertape::process_stats().counts_undumped;
    const auto make = [&] { rate = MetricCounter{"rate", {.timespan = g, .granularity = g, .clock = &*clock}}; };
    make();
    MetricCounter other{"other", {.timespan = g, .granularity = g, .clock = &*clock}};
    autodump dump{memory};
    rate->add(1);
    clock->advance(g / 2);
    rate.reset();
    make();
    rate->add(2);
    rate.reset();
    make();
    rate->add(4);
    clock->advance(g);
    rate->add(8);
    clock->advance(g / 2);
    CHECK(text_of(memory, "rate") == point(0s, 1) + " " + point(g, 12));
    CHECK(rate->stats().carried == 4);
    CHECK(tickertape::process_stats().counts_undumped - undumped >= 2); // the call in between had no bucket to write to
}

TEST_CASE("Counters of different granularities and timespans in one autodump are each written at the end of their own "
          "timespan") {
    OriginClock clock;
    Memory memory;
    MetricCounter a{"a", {.timespan = 2s, .granularity = 1s, .clock = &*clock}};
    MetricCounter b{"b", {.timespan = 5s, .granularity = 1s, .clock = &*clock}};
    MetricCounter c{"c", {.timespan = 1500ms, .granularity = 500ms, .clock = &*clock}};
    MetricCounter d{"d", {.timespan = 4s, .granularity = 4s, .clock = &*clock}};
    autodump dump{memory, a, b, c, d};
    const auto after = [&](milliseconds time) {
        memory.clear();
        clock->advance(time);
        std::string text;
        for (const auto* const metric : {"a", "b", "c", "d"}) {
            text += std::string{metric} + "[" + text_of(memory, metric) + "] ";
        }
        return text;
    };
    CHECK(after(1499ms) == "a[] b[] c[] d[] ");
    CHECK(after(1ms) == "a[] b[] c[0=0 0.5=0 1=0] d[] ");
    CHECK(after(499ms) == "a[] b[] c[] d[] ");
    CHECK(after(1ms) == "a[0=0 1=0] b[] c[] d[] ");
    CHECK(after(2s) == "a[2=0 3=0] b[] c[1.5=0 2=0 2.5=0] d[0=0] ");
    CHECK(after(1s) == "a[] b[0=0 1=0 2=0 3=0 4=0] c[3=0 3.5=0 4=0] d[] ");
    dump.finish();
    CHECK(text_of(memory, "b") == "0=0 1=0 2=0 3=0 4=0 5=0"); // waited for the end of 5
    CHECK(text_of(memory, "a") == "4=0 5=0");
    CHECK(text_of(memory, "c") == "3=0 3.5=0 4=0 4.5=0 5=0 5.5=0");
    CHECK(text_of(memory, "d") == "");
    CHECK(clock->read().wall == test::origin + 6s);
}

TEST_CASE("A timespan of one bucket dumps every bucket at its end") {
    OriginClock clock;
    Memory memory;
    const milliseconds g = GENERATE(1ms, 100ms, 1s, 60s);
    MetricCounter rate{"rate", {.timespan = g, .granularity = g, .clock = &*clock}};
    const autodump dump{memory, rate};
    for (std::size_t i = 0; i < 20; ++i) {
        CHECK(memory.size() == i);
        clock->advance(g);
    }
    CHECK(memory.size() == 20);
}

TEST_CASE("A late dump emits all complete buckets, and the next one is on its boundary") {
    OriginClock clock;
    Memory memory;
    MetricCounter rate{"rate", {.timespan = 5s, .clock = &*clock}};
    const autodump dump{memory, rate};
    clock->stall(7500ms);
    clock->advance(0s);
    CHECK(text_of(memory) == "0=0 1=0 2=0 3=0 4=0 5=0 6=0");
    memory.clear();
    clock->advance(2499ms);
    CHECK(text_of(memory) == "");
    clock->advance(1ms);
    CHECK(text_of(memory) == "7=0 8=0 9=0");
}

TEST_CASE("Buckets begin at multiples of their length since 1970, whatever the length") {
    OriginClock clock;
    const milliseconds g = GENERATE(7ms, 333ms, 700ms, 7s, 11s, 97s);
    MetricCounter rate{"rate", {.timespan = g, .granularity = g, .clock = &*clock}};
    clock->advance(3 * g);
    Memory memory;
    rate.dump(memory);
    CHECK(memory.size() == 2);
    for (const auto& point : memory.points()) {
        CHECK(point.time().time_since_epoch() % g == 0ns);
    }
}
