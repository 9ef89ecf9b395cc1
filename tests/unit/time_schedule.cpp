// SPDX-License-Identifier: MIT
#include <tickertape/schedule.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <tickertape/autodump.hpp>

#include "support/catch.hpp"
#include "support/on_manual_clock.hpp"

using namespace std::chrono_literals;
using test::dumped;
using test::OriginClock;
using test::seconds_text;
using test::text_of;
using tickertape::autodump;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::run_every_n_seconds;
using tickertape::stock;
using tickertape::Stop;
using Reason = tickertape::Stop::Reason;

namespace {

/// Returns the wall times, in seconds after the origin, at which `runs` runs began. Calls `in_run(i)` in the i-th run, from 1 on.
template <class F>
std::string begins(OriginClock& clock, std::chrono::milliseconds period, int runs, F in_run) {
    Stop stop;
    std::string text;
    int run = 0;
    const Reason reason =
        run_every_n_seconds(period,
                            [&] {
                                ++run;
                                text += (text.empty() ? "" : " ") + seconds_text(clock->read().wall - test::origin);
                                if (run == runs) {
                                    stop.request(Reason::time_over);
                                }
                                in_run(run);
                            },
                            {.stop = &stop, .clock = &*clock});
    CHECK(reason == Reason::time_over);
    CHECK(run == runs);
    return text;
}

std::string begins(OriginClock& clock, std::chrono::milliseconds period, int runs) {
    return begins(clock, period, runs, [](int) {});
}

} // namespace

TEST_CASE("Runs begin at the multiples of the period, the first at the next one") {
    OriginClock clock{2300ms};
    CHECK(begins(clock, 1s, 3) == "3 4 5");
    CHECK(begins(clock, 15s, 3) == "15 30 45");
    CHECK(begins(clock, 100ms, 3) == "45.1 45.2 45.3");
    CHECK(begins(clock, 1h, 2) == "3600 7200");
    CHECK(clock->stats().runs == 11);
    CHECK(clock->stats().runs_missed == 0);
}

TEST_CASE("On a multiple of the period the first run is at the next one") {
    OriginClock clock;
    CHECK(begins(clock, 1s, 1) == "1");
}

TEST_CASE("Runs that take some time, or are late, do not make the schedule drift") {
    OriginClock clock;
    CHECK(begins(clock, 1s, 5, [&](int run) { clock->stall(run * 150ms); }) == "1 2 3 4 5");
    CHECK(clock->stats().runs_missed == 0);
}

TEST_CASE("An overrun skips the due times that passed and counts them, and nothing is caught up on") {
    OriginClock clock;
    SECTION("by a part of a period") {
        CHECK(begins(clock, 1s, 3, [&](int run) { clock->advance(run == 1 ? 1400ms : 0ms); }) == "1 3 4");
        CHECK(clock->stats().runs_missed == 1);
    }
    SECTION("by several periods") {
        CHECK(begins(clock, 1s, 3, [&](int run) { clock->advance(run == 1 ? 7500ms : 0ms); }) == "1 9 10");
        CHECK(clock->stats().runs_missed == 7);
    }
    SECTION("to a due time exactly, which is kept") {
        CHECK(begins(clock, 1s, 3, [&](int run) { clock->advance(run == 1 ? 2s : 0s); }) == "1 3 4");
        CHECK(clock->stats().runs_missed == 1);
    }
    SECTION("every time") {
        CHECK(begins(clock, 1s, 3, [&](int) { clock->stall(1500ms); }) == "1 3 5");
        CHECK(clock->stats().runs_missed == 3);
    }
    CHECK(clock->stats().runs == 3);
}

TEST_CASE("A stop ends the loop before the next run, also one that was requested before the first") {
    OriginClock clock;
    Stop stop;
    stop.request(Reason::signal);
    CHECK(run_every_n_seconds(1s, [] { FAIL("no run"); }, {.stop = &stop, .clock = &*clock}) == Reason::signal);
    CHECK(clock->read().wall == test::origin);
    CHECK(clock->stats().runs == 0);
}

TEST_CASE("A period below 1 ms is an error") {
    CHECK_THROWS_WITH(run_every_n_seconds(0ms, [] {}),
                      "run_every_n_seconds: the period 0 ms is too short; the shortest is 1 ms");
    CHECK_THROWS_AS(run_every_n_seconds(-5ms, [] {}), tickertape::UsageError);
}

TEST_CASE("An exception ends the loop, passes through, and then everything is flushed") {
    OriginClock clock;
    Memory memory;
    MetricCounter rate{"rate", {.clock = &*clock}};
    const auto failing = [&] {
        const autodump dump{memory, rate};
        run_every_n_seconds(1s,
                            [&] {
                                rate.inc();
                                if (clock->read().wall == test::origin + 3s) {
                                    throw std::runtime_error{"no more"};
                                }
                            },
                            {.clock = &*clock});
    };
    CHECK_THROWS_WITH(failing(), "no more");
    CHECK(text_of(memory) == "0=0 1=1 2=1 3=1");
    CHECK(memory.flushes() == 1);
    clock->advance(10s);
    CHECK(memory.size() == 4);

    // A value that is set outside of runs is not bound to a due time.
    MetricCounter<stock> level{"level", {.clock = &*clock}};
    level.set(1);
    clock->advance(1s);
    CHECK(dumped(level) == "14=1");
}

TEST_CASE("Steps of the clock while waiting: the next multiple of the new time") {
    OriginClock clock;
    SECTION("forward") {
        // Due at 2 by the old time, which is 32.5 by the new one: half a period late, without a missed due time.
        CHECK(begins(clock, 1s, 4, [&](int run) { clock->step(run == 1 ? 30500ms : 0ms); }) == "1 32 33 34");
        CHECK(clock->stats().runs_missed == 0);
    }
    SECTION("forward by an hour") {
        CHECK(begins(clock, 1s, 3, [&](int run) { clock->step(run == 1 ? 1h : 0h); }) == "1 3601 3602");
        CHECK(clock->stats().runs_missed == 0);
    }
    SECTION("back by 1 s") {
        CHECK(begins(clock, 1s, 3, [&](int run) { clock->step(run == 1 ? -1s : 0s); }) == "1 1 2");
        CHECK(clock->stats().runs_missed == 0);
    }
    SECTION("back by 30 s, and it runs on meanwhile") {
        CHECK(begins(clock, 10s, 4, [&](int run) { clock->step(run == 2 ? -30s : 0s); }) == "10 20 0 10");
        CHECK(clock->stats().runs_missed == 0);
    }
    SECTION("back by an hour") {
        CHECK(begins(clock, 10s, 4, [&](int run) { clock->step(run == 2 ? -1h : 0h); }) == "10 20 -3570 -3560");
        CHECK(clock->stats().runs_missed == 0);
    }
}

TEST_CASE("A step while the loop waits for the clock does not end the wait early") {
    // The step comes from another alarm while the loop waits, here from a transmitter.
    class Stepping final : public tickertape::Transmitter {
    public:
        explicit Stepping(tickertape::testkit::ManualClock& clock, std::chrono::nanoseconds by)
            : clock_{clock}, by_{by} {}
        tickertape::Outcome publish(std::span<const tickertape::Point> points) override {
            clock_.step(std::exchange(by_, 0ns));
            return tickertape::Outcome::all(points);
        }

    private:
        tickertape::testkit::ManualClock& clock_;
        std::chrono::nanoseconds by_;
    };
    OriginClock clock;
    MetricCounter rate{"rate", {.timespan = 5s, .clock = &*clock}};
    SECTION("back") {
        Stepping stepping{*clock, -2s};
        const autodump dump{std::ref(stepping), rate};
        CHECK(begins(clock, 8s, 2) == "8 16");
    }
    SECTION("back by more than a period") {
        Stepping stepping{*clock, -20s};
        const autodump dump{std::ref(stepping), rate};
        CHECK(begins(clock, 8s, 3) == "-8 0 8");
    }
    SECTION("forward") {
        Stepping stepping{*clock, 2s};
        const autodump dump{std::ref(stepping), rate};
        CHECK(begins(clock, 8s, 2) == "10 16");
    }
    CHECK(clock->stats().runs_missed == 0);
}

TEST_CASE("A value that a run sets belongs to the bucket of its due time") {
    OriginClock clock;
    Stop stop;
    int run = 0;
    const auto run_once_at_1 = [&](auto f) {
        run_every_n_seconds(1s,
                            [&] {
                                stop.request();
                                ++run;
                                f();
                            },
                            {.stop = &stop, .clock = &*clock});
    };
    SECTION("though it ends later") {
        MetricCounter<stock> level{"level", {.clock = &*clock}};
        run_once_at_1([&] {
            clock->advance(1400ms);
            level.set(5);
        });
        clock->advance(2s);
        CHECK(dumped(level) == "1=5");
        CHECK(level.stats().late == 0);
    }
    SECTION("though no tick has come since") {
        MetricCounter<stock> level{"level", {.clock = &*clock}};
        run_once_at_1([&] {
            clock->stall(1400ms);
            level.set(5);
        });
        clock->advance(2s);
        CHECK(dumped(level) == "1=5");
    }
    SECTION("if that has been written, of the running one, and counted") {
        MetricCounter<stock> level{"level", {.clock = &*clock}};
        run_once_at_1([&] {
            clock->advance(1400ms);
            CHECK(dumped(level) == "");
            level.set(5);
        });
        clock->advance(2s);
        CHECK(dumped(level) == "2=5");
        CHECK(level.stats().late == 1);
    }
    SECTION("of a coarser bucket too, but not of the first one that had begun before the counter") {
        clock->advance(500ms);
        MetricCounter<stock> level{"level", {.timespan = 10s, .granularity = 10s, .clock = &*clock}};
        run_once_at_1([&] {
            clock->advance(10s);
            level.set(5);
        });
        clock->advance(20s);
        CHECK(dumped(level) == "10=5");
        CHECK(level.stats().late == 1);
    }
    SECTION("and of no timestamp that a counter of this series before it had written") {
        Memory memory;
        MetricCounter<stock> level{"level", {.clock = &*clock}};
        run_once_at_1([&] {
            {
                const autodump dump{memory, level};
                level.set(4);
                const MetricCounter<stock> gone = std::move(level); // publishes the running bucket
            } // and waits for its end here
            MetricCounter<stock> again{"level", {.clock = &*clock}};
            clock->advance(1s);
            again.set(5);
            clock->advance(1s);
            again.dump(memory);
        });
        CHECK(text_of(memory) == "1=4 3=5");
    }
    SECTION("the fold goes on: the largest") {
        MetricCounter<stock> level{"level", {.fold = tickertape::Fold::max, .clock = &*clock}};
        run_once_at_1([&] {
            level.set(7);
            clock->advance(1s);
            level.set(5);
            level.set(9);
            level.set(8);
        });
        CHECK(dumped(level) == "1=9");
    }
    SECTION("the fold goes on: the smallest") {
        MetricCounter<stock> level{"level", {.fold = tickertape::Fold::min, .clock = &*clock}};
        run_once_at_1([&] {
            level.set(7);
            clock->advance(1s);
            level.set(5);
            level.set(9);
        });
        CHECK(dumped(level) == "1=5");
    }
    SECTION("a mean takes one later only if it is the only one") {
        MetricCounter<stock> level{"level", {.fold = tickertape::Fold::mean, .clock = &*clock}};
        run_once_at_1([&] {
            clock->advance(1s);
            level.set(5);
            level.set(9);
        });
        clock->advance(1s);
        CHECK(dumped(level) == "1=5 2=9");
        CHECK(level.stats().late == 1);
    }
    SECTION("the new reading is the one that is held") {
        MetricCounter<stock> level{"level", {.hold_at_most = 3s, .clock = &*clock}};
        level.set(1);
        run_once_at_1([&] {
            clock->advance(2500ms);
            level.set(5);
        });
        clock->advance(3s);
        CHECK(dumped(level) == "0=1 1=5 2=5 3=5 4=5");
    }
    SECTION("a counter of another clock knows nothing of the run") {
        OriginClock other;
        MetricCounter<stock> level{"level", {.clock = &*other}};
        run_once_at_1([&] {
            other->advance(7500ms);
            level.set(5);
        });
        other->advance(1s);
        CHECK(dumped(level) == "7=5");
    }
    CHECK(run == 1);
}

TEST_CASE("A run with a late tick ticks first, so that an earlier value stays in its own bucket") {
    test::HandClock clock;
    MetricCounter<stock> level{"level", {.clock = &clock}};
    level.set(3);
    Stop stop;
    run_every_n_seconds(
        1s, level,
        [&] {
            stop.request();
            return 5;
        },
        &stop);
    clock.pass(1s);
    CHECK(dumped(level) == "0=3 1=5");
}

TEST_CASE("Increments of a run follow the tick") {
    OriginClock clock;
    MetricCounter rate{"rate", {.clock = &*clock}};
    begins(clock, 1s, 2, [&](int) {
        rate.inc();
        clock->advance(700ms);
        rate.inc();
        clock->advance(700ms);
        rate.inc();
    });
    clock->advance(1s);
    CHECK(dumped(rate) == "0=0 1=2 2=1 3=2 4=1");
}

TEST_CASE("The overload with a counter sets the counter to the function's result") {
    OriginClock clock{300ms};
    MetricCounter<stock> level{"level", {.clock = &*clock}};
    Stop stop;
    int run = 0;
    const Reason reason = run_every_n_seconds(
        1s, level,
        [&] {
            if (++run == 4) {
                stop.request();
            }
            clock->advance(run == 2 ? 1200ms : 100ms);
            return run * 1.5;
        },
        &stop);
    CHECK(reason == Reason::requested);
    clock->advance(1s);
    CHECK(dumped(level) == "1=1.5 2=3 4=4.5 5=6");
    CHECK(clock->stats().runs == 4);
    CHECK(clock->stats().runs_missed == 1);
}

TEST_CASE("Readings while timestamps wait for the clock go into the waiting bucket, and change none before") {
    OriginClock clock;
    MetricCounter<stock> level{"level", {.clock = &*clock}};
    Stop stop;
    double reading = 0;
    run_every_n_seconds(5s,
                        [&] {
                            level.set(++reading);
                            if (reading == 2) { // at 10
                                clock->advance(3500ms);
                                clock->step(-10s); // to 3.5; the bucket 13 waits
                            }
                            if (reading == 3) { // at 5
                                stop.request();
                            }
                        },
                        {.stop = &stop, .clock = &*clock});
    CHECK(clock->read().wall == test::origin + 5s);
    clock->advance(9s);
    CHECK(dumped(level) == "5=1 10=2 13=3");
    CHECK(level.stats().late == 0);
}

TEST_CASE("A day of runs and dumps on a clock that is sometimes delayed") {
    OriginClock clock;
    Memory memory;
    MetricCounter<stock> level{"level", {.timespan = 15s, .clock = &*clock}};
    const autodump dump{memory, level};
    Stop stop;
    int runs = 0;
    std::uint64_t skipped = 0;
    run_every_n_seconds(1s,
                        [&] {
                            CHECK(clock->read().wall.time_since_epoch() % 1s == 0s);
                            level.set(++runs);
                            if (runs % 1000 == 0) {
                                clock->stall(2500ms);
                                skipped += 2;
                            }
                            if (clock->read().wall >= test::origin + 24h) {
                                stop.request();
                            }
                        },
                        {.stop = &stop, .clock = &*clock});
    CHECK(clock->stats().runs_missed == skipped);
    CHECK(memory.size() + 15 > static_cast<std::size_t>(runs));
    CHECK(level.stats().late == 0);
    CHECK(level.stats().buckets_lost == 0);
}
