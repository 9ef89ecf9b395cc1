// SPDX-License-Identifier: MIT
// Changes of wall time: timestamps never repeat or go backwards, and no count is lost or invented.
#include <chrono>
#include <mutex>
#include <optional>

#include <counter/pulse.hpp>
#include <counter/registry.hpp>
#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>

#include "support/catch.hpp"
#include "support/on_manual_clock.hpp"

using namespace std::chrono_literals;
using test::dumped;
using test::OriginClock;
using test::text_of;
using tickertape::autodump;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::stock;

namespace {

/// A rate and a stock, half a second into the bucket 10, with all earlier buckets dumped.
struct InMidBucket {
    OriginClock clock;
    MetricCounter<> rate{"rate", {.clock = &*clock}};
    MetricCounter<stock> level{"level", {.clock = &*clock}};

    InMidBucket() {
        clock->advance(10s);
        CHECK(dumped(rate) == "0=0 1=0 2=0 3=0 4=0 5=0 6=0 7=0 8=0 9=0");
        rate.add(1);
        level.set(1);
        clock->advance(500ms);
    }

    void step(std::chrono::nanoseconds by) {
        rate.add(10);
        level.set(2);
        clock->step(by);
        rate.add(100);
        level.set(3);
    }
};

} // namespace

TEST_CASE("A step forward ends the bucket, leaves a gap and invents nothing in it") {
    InMidBucket test;
    SECTION("of 1 s") {
        test.step(1s);
        test.clock->advance(2500ms);
        CHECK(dumped(test.rate) == "10=111 12=0 13=0");
        CHECK(text_of(test.rate.window()) == "0=0 1=0 2=0 3=0 4=0 5=0 6=0 7=0 8=0 9=0 10=~111 12=0 13=0 14=~0");
    }
    SECTION("of 30 s") {
        test.step(30s);
        test.clock->advance(2500ms);
        CHECK(dumped(test.rate) == "10=111 41=0 42=0");
    }
    SECTION("of 1 h") {
        test.step(1h);
        test.clock->advance(2500ms);
        CHECK(dumped(test.rate) == "10=111 3611=0 3612=0");
    }
    SECTION("of 10 min in which the machine slept") {
        test.rate.add(10);
        test.level.set(3);
        test.clock->suspend(10min);
        test.rate.add(100);
        test.clock->advance(2500ms);
        CHECK(dumped(test.rate) == "10=111 611=0 612=0");
    }
    CHECK(dumped(test.level) == "10=3");
    CHECK(test.clock->stats().clock_steps == 1);
    CHECK(test.clock->stats().reanchored == 0);
    CHECK(test.clock->stats().ticks_missed == 0);
    CHECK(test.rate.stats().smeared == 0);
    CHECK(test.rate.stats().buckets_lost == 0);
}

TEST_CASE("A step forward into the midst of a bucket leaves that without a 0, but not without its counts") {
    OriginClock clock;
    MetricCounter rate{"rate", {.clock = &*clock}};
    clock->advance(10500ms);
    static_cast<void>(dumped(rate));
    SECTION("by whole seconds and a part") {
        clock->step(1700ms);
        clock->advance(500ms);     // the tick
        CHECK(dumped(rate) == ""); // half of 10 was observed, and nothing counted
        SECTION("nothing counted") {
            clock->advance(1300ms);
            CHECK(dumped(rate) == "13=0");
        }
        SECTION("something counted") {
            rate.inc();
            clock->advance(1300ms);
            CHECK(dumped(rate) == "12=1 13=0");
        }
        SECTION("nothing counted, and the next tick late") {
            clock->stall(2300ms);
            clock->advance(0s);
            CHECK(dumped(rate) == "13=0 14=0");
        }
    }
    SECTION("by a part of a second, over the end of the bucket") {
        clock->step(600ms);
        clock->advance(500ms);
        CHECK(dumped(rate) == "");
        clock->advance(1400ms);
        CHECK(dumped(rate) == "12=0");
    }
    SECTION("by a part of a second, seen before the bucket ends") {
        clock->step(200ms);
        CHECK(dumped(rate) == "");
        clock->advance(1300ms);
        CHECK(dumped(rate) == "11=0");
    }
    SECTION("by little enough to be a slew") {
        clock->step(99ms);
        clock->advance(2401ms);
        CHECK(dumped(rate) == "10=0 11=0 12=0");
        CHECK(clock->stats().clock_steps == 0);
    }
}

TEST_CASE("A step back of at most 60 s keeps the bucket open until wall time has caught up with it") {
    InMidBucket test;
    SECTION("of 1 s") {
        test.step(-1s);
        test.clock->advance(1s);
        CHECK(dumped(test.rate) == "");
        test.rate.add(1000);
        test.clock->advance(1500ms);
        CHECK(test.clock->read().wall == test::origin + 12s);
    }
    SECTION("of 30 s") {
        test.step(-30s);
        test.clock->advance(30s);
        test.rate.add(1000);
        CHECK(dumped(test.rate) == "");
        test.clock->advance(1500ms);
    }
    SECTION("of 60 s") {
        test.step(-60s);
        test.clock->advance(60s);
        test.rate.add(1000);
        CHECK(dumped(test.rate) == "");
        test.clock->advance(1500ms);
    }
    SECTION("of 60 s, at the very start of a bucket") {
        test.clock->advance(500ms);
        test.clock->step(-60s);
        test.rate.add(1100);
        test.clock->advance(60s);
        CHECK(dumped(test.rate) == "10=1");
        test.rate.add(10);
        test.clock->advance(1s);
        CHECK(dumped(test.rate) == "11=1110");
        CHECK(test.clock->stats().reanchored == 0);
        return;
    }
    CHECK(dumped(test.rate) == "10=1111 11=0");
    CHECK(dumped(test.level) == "10=3");
    CHECK(test.clock->stats().clock_steps == 1);
    CHECK(test.clock->stats().reanchored == 0);
}

TEST_CASE("A step back of more than 60 s flushes held values, and timestamps start anew") {
    InMidBucket test;
    SECTION("of 61 s") {
        test.step(-61s);
        test.clock->advance(2500ms);
        CHECK(dumped(test.rate) == "10=111 -50=0 -49=0");
    }
    SECTION("of 1 h") {
        test.step(-1h);
        test.clock->advance(2500ms);
        CHECK(dumped(test.rate) == "10=111 -3589=0 -3588=0");
    }
    SECTION("of 1 h, seen before the bucket ends") {
        test.step(-1h);
        CHECK(dumped(test.rate) == "10=111");
        test.clock->advance(2500ms);
        CHECK(dumped(test.rate) == "-3589=0 -3588=0");
    }
    SECTION("in two steps") {
        test.step(-40s);
        test.clock->advance(1s);
        CHECK(test.clock->stats().reanchored == 0);
        CHECK(test.clock->stats().clock_steps == 1);
        test.clock->step(-40s);
        test.clock->advance(1500ms);
        CHECK(dumped(test.rate).substr(0, 6) == "10=111");
        CHECK(test.clock->stats().clock_steps == 2);
        CHECK(test.clock->stats().reanchored == 1);
        return;
    }
    CHECK(dumped(test.level) == "10=3");
    CHECK(test.clock->stats().clock_steps == 1);
    CHECK(test.clock->stats().reanchored == 1);
}

TEST_CASE("A step is counted once, whatever the number of granularities") {
    OriginClock clock;
    MetricCounter fine{"fine", {.clock = &*clock}};
    MetricCounter coarse{"coarse", {.timespan = 10s, .granularity = 5s, .clock = &*clock}};
    clock->advance(12500ms);
    clock->step(-1h);
    clock->advance(20s);
    CHECK(clock->stats().clock_steps == 1);
    CHECK(clock->stats().reanchored == 1);
}

TEST_CASE("A held value does not outlive new timestamps") {
    OriginClock clock;
    MetricCounter<stock> level{"level", {.hold_at_most = 60s, .clock = &*clock}};
    level.set(7);
    clock->advance(1500ms);
    clock->step(-1h);
    clock->advance(3s);
    CHECK(dumped(level) == "0=7 1=7");
    level.set(8);
    clock->advance(1s);
    CHECK(dumped(level) == "-3596=8");
}

TEST_CASE("A held value is not repeated across a gap longer than it may be held") {
    OriginClock clock;
    MetricCounter<stock> level{"level", {.hold_at_most = 5s, .clock = &*clock}};
    level.set(7);
    clock->advance(1500ms);
    SECTION("a gap too long") {
        clock->step(10s);
        clock->advance(2s);
        CHECK(dumped(level) == "0=7 1=7");
    }
    SECTION("a gap short enough") {
        clock->step(2s);
        clock->advance(2500ms);
        CHECK(dumped(level) == "0=7 1=7 4=7 5=7");
    }
}

TEST_CASE("A repeated second has its counts under one timestamp") {
    OriginClock clock;
    MetricCounter rate{"rate", {.clock = &*clock}};
    clock->advance(10s);
    static_cast<void>(dumped(rate));
    rate.add(1);
    clock->advance(1s);
    clock->step(-1s); // the second 10 again
    rate.add(2);
    clock->advance(1s);
    rate.add(4);
    clock->advance(2s);
    CHECK(clock->read().wall == test::origin + 13s);
    CHECK(dumped(rate) == "10=1 11=6 12=0");
    CHECK(clock->stats().clock_steps == 1);
    CHECK(clock->stats().reanchored == 0);
}

TEST_CASE("Late ticks and steps together") {
    InMidBucket test;
    SECTION("the time before a jump ahead has its timestamps") {
        test.rate.add(2);
        test.clock->stall(3s);
        test.step(1h);
        test.clock->advance(0s); // 10, 11 and 12 have ended; half of 13 and of 3613 was observed
        CHECK(dumped(test.rate) == "10=37 11=38 12=38");
        CHECK(test.rate.stats().smeared == 3);
        test.clock->advance(1500ms);
        CHECK(dumped(test.rate) == "3614=0");
        CHECK(dumped(test.level) == "10=3");
    }
    SECTION("a step back shorter than the time since the last tick") {
        test.clock->stall(3s);
        test.step(-2s);
        test.clock->advance(0s);
        CHECK(text_of(test.rate.window()) == "0=0 1=0 2=0 3=0 4=0 5=0 6=0 7=0 8=0 9=0 10=!111 11=~0");
        CHECK(dumped(test.rate) == "10=111");
        test.clock->advance(500ms);
        CHECK(dumped(test.rate) == "11=0");
    }
    SECTION("a step back longer than the time since the last tick") {
        test.clock->stall(3s);
        test.step(-20s);
        test.clock->advance(17s);
        CHECK(dumped(test.rate) == "");
        test.clock->advance(500ms);
        CHECK(dumped(test.rate) == "10=111");
    }
    SECTION("a step far back after some time without a tick") {
        test.clock->stall(3s);
        test.step(-1h);
        test.clock->advance(0s);
        CHECK(dumped(test.rate) == "10=37 11=37 12=37");
        CHECK(test.clock->stats().reanchored == 1);
        test.clock->advance(1500ms);
        CHECK(dumped(test.rate) == "-3586=0");
    }
    SECTION("a jump that is taken back before the next tick") {
        test.step(1h);
        test.clock->stall(1s);
        test.clock->step(-1h);
        test.clock->advance(500ms);
        CHECK(dumped(test.rate) == "10=111 11=0");
        CHECK(test.clock->stats().clock_steps == 0);
    }
}

TEST_CASE("A counter made while timestamps wait for wall time joins its granularity") {
    OriginClock clock;
    MetricCounter first{"first", {.clock = &*clock}};
    clock->advance(10500ms);
    clock->step(-5s);
    MetricCounter second{"second", {.clock = &*clock}};
    second.add(3);
    clock->advance(5500ms);
    CHECK(clock->read().wall == test::origin + 11s);
    CHECK(dumped(second) == "10=3");
}

TEST_CASE("A counter that is made again repeats no timestamp, also when the clock was set back meanwhile") {
    OriginClock clock;
    Memory memory;
    std::optional<MetricCounter<>> rate;
    rate = MetricCounter{"rate", {.clock = &*clock}};
    rate->add(1);
    clock->advance(10s);
    rate->dump(memory);
    memory.clear();
    SECTION("its granularity lives on in another counter") {
        MetricCounter other{"other", {.clock = &*clock}};
        rate.reset();
        clock->step(-5s);
        rate = MetricCounter{"rate", {.clock = &*clock}};
        rate->add(2);
        clock->advance(7s);
        rate->dump(memory);
        CHECK(text_of(memory) == "10=2 11=0");
    }
    SECTION("its granularity was gone with it") {
        rate.reset();
        clock->step(-5s);
        rate = MetricCounter{"rate", {.clock = &*clock}};
        rate->add(2);
        clock->advance(7s);
        rate->dump(memory);
        CHECK(text_of(memory) == "10=2 11=0");
        CHECK(rate->stats().carried == 2);
    }
    SECTION("with another granularity") {
        rate.reset();
        clock->step(-5s);
        rate = MetricCounter{"rate", {.granularity = 5s, .clock = &*clock}};
        rate->add(2);
        clock->advance(10s);
        rate->dump(memory);
        CHECK(text_of(memory) == "10=2");
    }
    SECTION("so far that timestamps start anew") {
        rate.reset();
        clock->step(-61s);
        rate = MetricCounter{"rate", {.clock = &*clock}};
        rate->add(2);
        clock->advance(1s);
        rate->dump(memory);
        CHECK(text_of(memory) == "-51=2");
        CHECK(clock->stats().reanchored == 1);
    }
    CHECK(rate->stats().counts_lost == 0);
}

TEST_CASE("A reading of the clocks older than the last tick's is ignored, so that a delayed thread resets nothing") {
    OriginClock clock;
    MetricCounter rate{"rate", {.clock = &*clock}};
    clock->advance(1s);
    const tickertape::Clock::Reading old = clock->read();
    clock->advance(10min);
    {
        const std::lock_guard lock{tickertape::counter::Registry::instance().mutex};
        tickertape::counter::pulse_of(*clock)->tick(old, true);
    }
    clock->advance(1s);
    CHECK(clock->stats().reanchored == 0);
    CHECK(clock->stats().clock_steps == 0);
    CHECK(dumped(rate).ends_with("599=0 600=0 601=0"));
}

TEST_CASE("Dumps keep their boundaries through steps of the clock") {
    OriginClock clock;
    MetricCounter rate{"rate", {.timespan = 5s, .clock = &*clock}};
    Memory memory;
    autodump dump{memory, rate};
    clock->advance(5s);
    CHECK(text_of(memory) == "0=0 1=0 2=0 3=0 4=0");
    clock->advance(1500ms);
    memory.clear();
    SECTION("forward: the next one comes when it was due, the others at the new boundaries") {
        clock->step(1001s);
        clock->advance(3500ms);
        CHECK(text_of(memory) == "5=0 1008=0 1009=0 1010=0");
        clock->advance(4s);
        CHECK(text_of(memory) == "5=0 1008=0 1009=0 1010=0 1011=0 1012=0 1013=0 1014=0");
    }
    SECTION("back: likewise") {
        clock->step(-1h);
        clock->advance(3500ms);
        CHECK(text_of(memory) == "5=0 6=0 -3593=0 -3592=0 -3591=0");
    }
}
