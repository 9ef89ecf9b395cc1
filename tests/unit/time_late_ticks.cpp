// SPDX-License-Identifier: MIT
// The points of late ticks: no count is lost, none is invented, and guesses are counted.
#include <chrono>
#include <string>

#include <tickertape/counter.hpp>

#include "support/catch.hpp"
#include "support/on_manual_clock.hpp"

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using test::dumped;
using test::OriginClock;
using test::text_of;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::stock;

namespace {

/// Returns `from=value … to=value`.
std::string same_value(int from, int to, int value) {
    std::string text;
    for (int timestamp = from; timestamp <= to; ++timestamp) {
        text += (text.empty() ? "" : " ") + std::to_string(timestamp) + "=" + std::to_string(value);
    }
    return text;
}

std::int64_t sum_of(const Memory& memory) {
    std::int64_t sum = 0;
    for (const auto& point : memory.points()) {
        sum += point.value().integer();
    }
    return sum;
}

} // namespace

TEST_CASE("A bucket emits the sum of its counts, and 0 without counts") {
    OriginClock clock;
    MetricCounter counter{"m", {.clock = &*clock}};
    counter.add(3);
    clock->advance(1s);
    clock->advance(1s);
    counter.inc();
    clock->advance(999ms);
    CHECK(dumped(counter) == "0=3 1=0");
    counter.add(-4);
    clock->advance(1ms);
    CHECK(dumped(counter) == "2=-3");
    CHECK(dumped(counter) == "");
    CHECK(counter.stats().smeared == 0);
    CHECK(clock->stats().ticks == 3);
    CHECK(clock->stats().ticks_missed == 0);
    CHECK(clock->stats().tick_lateness_max == 0s);
}

TEST_CASE("A rate whose tick is 1.4 periods late is spread over two buckets in whole numbers") {
    OriginClock clock;
    MetricCounter counter{"m", {.clock = &*clock}};
    counter.add(3);
    clock->advance(1s);
    counter.add(4);
    clock->stall(1s);
    counter.add(7);
    clock->stall(1400ms);
    clock->advance(0s);
    CHECK(clock->stats().tick_lateness_last == 1400ms);
    CHECK(text_of(counter.window()) == "0=3 1=!5 2=!6 3=~0");
    CHECK(dumped(counter) == "0=3 1=5 2=6");
    CHECK(counter.stats().smeared == 2);
    CHECK(counter.stats().buckets_lost == 0);
    CHECK(clock->stats().ticks_missed == 1);
    counter.inc();
    clock->advance(600ms);
    CHECK(clock->stats().tick_lateness_last == 0s);
    CHECK(clock->stats().tick_lateness_max == 1400ms);
    CHECK(text_of(counter.window()) == "0=3 1=!5 2=!6 3=1 4=~0");
    CHECK(dumped(counter) == "3=1");
    CHECK(counter.stats().smeared == 2);
}

TEST_CASE("A rate whose tick is 2.4 periods late is spread over three buckets in whole numbers") {
    OriginClock clock;
    MetricCounter counter{"m", {.clock = &*clock}};
    clock->advance(1s);
    counter.add(10);
    clock->stall(3400ms);
    clock->advance(0s);
    CHECK(clock->stats().tick_lateness_last == 2400ms);
    CHECK(dumped(counter) == "0=0 1=3 2=3 3=4");
    CHECK(counter.stats().smeared == 3);
    CHECK(counter.stats().buckets_lost == 0);
    CHECK(clock->stats().ticks_missed == 2);
}

TEST_CASE("Counts fewer than the late buckets stay whole, negative ones too") {
    OriginClock clock;
    MetricCounter counter{"m", {.clock = &*clock}};
    counter.add(2);
    clock->stall(3s);
    clock->advance(0s);
    CHECK(dumped(counter) == "0=0 1=1 2=1");
    counter.add(-2);
    clock->stall(3s);
    clock->advance(0s);
    CHECK(dumped(counter) == "3=0 4=-1 5=-1");
    CHECK(counter.stats().smeared == 6);
}

TEST_CASE("Buckets lived through without a tick are 0 where nothing was counted") {
    OriginClock clock;
    MetricCounter counter{"m", {.clock = &*clock}};
    clock->stall(4s);
    clock->advance(0s);
    CHECK(dumped(counter) == "0=0 1=0 2=0 3=0");
    CHECK(counter.stats().smeared == 4);
}

TEST_CASE("A rate whose tick is 100 periods late emits them all as the ring has room for them") {
    OriginClock clock;
    MetricCounter counter{"m", {.clock = &*clock}};
    counter.add(3);
    clock->advance(1s);
    counter.add(707);
    clock->stall(101s);
    clock->advance(0s);
    CHECK(clock->stats().tick_lateness_last == 100s);
    CHECK(dumped(counter) == "0=3 " + same_value(1, 101, 7));
    CHECK(counter.stats().smeared == 101);
    CHECK(counter.stats().buckets_lost == 0);
    CHECK(clock->stats().ticks_missed == 100);
}

TEST_CASE("Points without room in the ring are counted, and emitted plus lost equals recorded") {
    OriginClock clock;
    MetricCounter counter{"m", {.clock = &*clock}}; // its ring holds 2 * 60 + 2 buckets
    counter.add(3);
    clock->advance(1s);
    SECTION("by one bucket") {
        counter.add(122 * 5);
        clock->stall(122s);
        clock->advance(0s);
        CHECK(dumped(counter) == same_value(1, 122, 5));
        CHECK(counter.stats().buckets_lost == 1);
        CHECK(counter.stats().counts_lost == 3);
        CHECK(counter.stats().smeared == 122);
    }
    SECTION("by many, in one late tick") {
        counter.add(500 * 2);
        clock->stall(500s);
        clock->advance(0s);
        CHECK(dumped(counter) == same_value(379, 500, 2));
        CHECK(counter.stats().buckets_lost == 379);
        CHECK(counter.stats().counts_lost == 3 + 378 * 2);
        CHECK(counter.stats().smeared == 500);
    }
    SECTION("by many that do not divide evenly") {
        counter.add(1'000'003);
        clock->stall(777s);
        clock->advance(0s);
        Memory memory;
        CHECK(counter.dump(memory) == 122);
        CHECK(memory.points().front().time() == test::origin + 656s);
        CHECK(memory.points().back().time() == test::origin + 777s);
        CHECK(sum_of(memory) + counter.stats().counts_lost == 1'000'006);
        CHECK(counter.stats().buckets_lost == 656);
    }
    SECTION("by ticks in time and no dump") {
        for (int i = 0; i < 200; ++i) {
            counter.add(i);
            clock->advance(1s);
        }
        Memory memory;
        CHECK(counter.dump(memory) == 122);
        CHECK(memory.points().front().time() == test::origin + 79s);
        CHECK(counter.stats().buckets_lost == 79);
        CHECK(sum_of(memory) + counter.stats().counts_lost == 3 + 199 * 200 / 2);
        CHECK(counter.stats().smeared == 0);
    }
    SECTION("and emitted buckets are not lost") {
        CHECK(dumped(counter) == "0=3");
        clock->stall(125s);
        clock->advance(0s);
        CHECK(dumped(counter) == same_value(4, 125, 0));
        CHECK(counter.stats().buckets_lost == 3);
        CHECK(counter.stats().counts_lost == 0);
    }
}

TEST_CASE("The ring holds two timespans") {
    OriginClock clock;
    MetricCounter counter{"m", {.timespan = 100s, .clock = &*clock}};
    clock->stall(202s);
    clock->advance(0s);
    CHECK(dumped(counter) == same_value(0, 201, 0));
    clock->stall(203s);
    clock->advance(0s);
    CHECK(dumped(counter) == same_value(203, 404, 0));
    CHECK(counter.stats().buckets_lost == 1);
}

TEST_CASE("A stock whose tick is late has its reading in the bucket that was open, and none in the others") {
    OriginClock clock;
    MetricCounter<stock> level{"m", {.clock = &*clock}};
    level.set(1.5);
    clock->advance(1s);
    const auto late = GENERATE(1400ms, 2400ms, 100s);
    level.set(4);
    clock->stall(1s + late);
    clock->advance(0s);
    CHECK(clock->stats().tick_lateness_last == late);
    CHECK(dumped(level) == "0=1.5 1=4");
    CHECK(level.stats().smeared == 0);
    CHECK(level.stats().buckets_lost == 0);
    clock->advance(5s);
    CHECK(dumped(level) == "");
}

TEST_CASE("A stock that holds repeats its reading through late ticks, not longer than it may") {
    OriginClock clock;
    MetricCounter<stock> level{"m", {.hold_at_most = 3s, .clock = &*clock}};
    level.set(1.5);
    clock->advance(1s);
    SECTION("of 1.4 periods") {
        clock->stall(2400ms);
        clock->advance(0s);
        CHECK(dumped(level) == "0=1.5 1=1.5 2=1.5");
    }
    SECTION("of 2.4 periods, with a new reading") {
        level.set(2);
        clock->stall(3400ms);
        clock->advance(0s);
        CHECK(dumped(level) == "0=1.5 1=2 2=2 3=2");
        clock->advance(2s);
        CHECK(dumped(level) == "4=2");
    }
    SECTION("of 100 periods") {
        clock->stall(101s);
        clock->advance(0s);
        CHECK(dumped(level) == "0=1.5 1=1.5 2=1.5 3=1.5");
    }
    SECTION("of more than the ring holds") {
        level.set(2);
        clock->stall(500s);
        clock->advance(0s);
        CHECK(dumped(level) == "");
        CHECK(level.stats().buckets_lost == 2); // the two readings; points that would repeat them were never made
    }
    CHECK(level.stats().smeared == 0);
}

TEST_CASE("A stock that has had no reading has nothing to hold") {
    OriginClock clock;
    MetricCounter<stock> level{"m", {.hold_at_most = 60s, .clock = &*clock}};
    clock->advance(2s);
    clock->stall(3s);
    clock->advance(0s);
    CHECK(dumped(level) == "");
}

TEST_CASE("A bucket observed in part has no 0, also when its tick is late") {
    OriginClock clock{900ms};
    MetricCounter counter{"m", {.clock = &*clock}};
    clock->stall(2400ms);
    clock->advance(0s);
    CHECK(dumped(counter) == "1=0 2=0");
    clock->advance(1s);
    CHECK(dumped(counter) == "3=0");
}

TEST_CASE("A counter emits no value for the time that it was suspended") {
    OriginClock clock;
    MetricCounter counter{"m", {.clock = &*clock}};
    SECTION("in time") {
        clock->advance(1500ms);
        counter.suspend();
        clock->advance(3s);
        counter.resume();
        clock->advance(2s);
        CHECK(dumped(counter) == "0=0 5=0");
    }
    SECTION("counts in the observed part of a bucket are emitted") {
        counter.add(2);
        clock->advance(500ms);
        counter.suspend();
        clock->advance(2s);
        counter.resume();
        counter.inc();
        clock->advance(2s);
        CHECK(dumped(counter) == "0=2 2=1 3=0");
    }
    SECTION("with a tick that is late, and comes after it is resumed") {
        clock->stall(500ms);
        counter.suspend();
        clock->stall(3s);
        counter.resume();
        clock->stall(2s);
        clock->advance(0s);
        CHECK(dumped(counter) == "4=0");
    }
    SECTION("with a tick that is late, and comes while it is suspended") {
        clock->stall(2500ms);
        counter.suspend();
        clock->stall(2s);
        clock->advance(0s);
        counter.resume();
        clock->advance(2s);
        CHECK(dumped(counter) == "0=0 1=0 5=0");
    }
}

TEST_CASE("Counts during a suspension are carried into the next bucket with a value") {
    OriginClock clock;
    MetricCounter counter{"m", {.clock = &*clock}};
    clock->advance(500ms);
    counter.suspend();
    clock->advance(1s);
    counter.add(5);
    clock->advance(1s);
    CHECK(text_of(counter.window()) == "0=- 1=- 2=-");
    counter.resume();
    clock->advance(500ms);
    CHECK(dumped(counter) == "2=5");
    CHECK(counter.stats().carried == 5);
}

TEST_CASE("A suspended stock emits nothing and repeats nothing") {
    OriginClock clock;
    MetricCounter<stock> level{"m", {.hold_at_most = 60s, .clock = &*clock}};
    level.set(1);
    clock->advance(1500ms);
    level.suspend();
    clock->advance(2s);
    CHECK(dumped(level) == "0=1");
    level.resume();
    level.set(2);
    clock->advance(1s);
    CHECK(dumped(level) == "3=2");
}

TEST_CASE("Counts of a long first bucket wait through a suspension for the first bucket after it") {
    OriginClock clock{5s};
    const milliseconds g = 10s;
    MetricCounter counter{"m", {.timespan = g, .granularity = g, .clock = &*clock}};
    MetricCounter<stock> level{"level", {.timespan = g, .granularity = g, .clock = &*clock}};
    counter.add(3);
    level.set(1.5);
    counter.suspend();
    level.suspend();
    SECTION("in time") { clock->advance(35s); }
    SECTION("with a late tick") {
        clock->stall(35s);
        clock->advance(0s);
    }
    CHECK(dumped(counter) == "");
    CHECK(dumped(level) == "");
    counter.resume();
    level.resume();
    clock->advance(10s);
    CHECK(dumped(counter) == "40=3");
    CHECK(dumped(level) == "40=1.5");
    CHECK(counter.stats().carried == 3);
    CHECK(level.stats().carried == 1);
}

TEST_CASE("A cleared value does not come back as 0") {
    OriginClock clock;
    MetricCounter counter{"m", {.clock = &*clock}};
    counter.add(5);
    SECTION("in time") {
        clock->advance(1s);
        counter.inc();
        clock->advance(500ms);
        counter.clear();
        CHECK(counter.stats().counts_cleared == 6);
        clock->advance(1500ms);
        CHECK(dumped(counter) == "2=0");
    }
    SECTION("with a late tick") {
        clock->stall(3400ms);
        counter.clear();
        CHECK(counter.stats().counts_cleared == 5);
        clock->advance(0s);
        CHECK(dumped(counter) == "");
        clock->advance(2s);
        CHECK(dumped(counter) == "4=0");
    }
    SECTION("and later counts are emitted") {
        counter.clear();
        counter.add(2);
        clock->advance(2s);
        CHECK(dumped(counter) == "0=2 1=0");
    }
}

TEST_CASE("A window covers a timespan, and a late tick does not widen it") {
    OriginClock clock;
    MetricCounter counter{"m", {.timespan = 3s, .clock = &*clock}};
    clock->advance(2s);
    counter.add(9);
    clock->stall(3s);
    clock->advance(0s);
    CHECK(text_of(counter.window()) == "2=!3 3=!3 4=!3 5=~0");
    CHECK(counter.summarize([](const auto& values) { return values.size(); }) == 4);
}
