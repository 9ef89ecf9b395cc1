// SPDX-License-Identifier: MIT
// The end of autodump, its report, and the points that it could not write.
#include <chrono>
#include <latch>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

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
using tickertape::Outcome;
using tickertape::Point;
using tickertape::stock;
using Report = tickertape::autodump::Report;

namespace {

/// Runs an action before it passes points on.
class Doing final : public tickertape::Transmitter {
public:
    Doing(Memory memory, std::function<void()> before) : memory_{std::move(memory)}, before_{std::move(before)} {}
    Outcome publish(std::span<const Point> points) override {
        before_();
        return memory_.publish(points);
    }

private:
    Memory memory_;
    std::function<void()> before_;
};

} // namespace

TEST_CASE("finish waits for the end of the running bucket of at most 1 s, and not longer") {
    OriginClock clock{300ms};
    Memory memory;
    MetricCounter rate{"rate", {.clock = &*clock}};
    MetricCounter coarse{"coarse", {.timespan = 10s, .granularity = 10s, .clock = &*clock}};
    autodump dump{memory, rate, coarse};
    clock->advance(10s);
    rate.add(3);
    coarse.add(4);
    CHECK(dump.finish() == Report{.accepted = 11, .complete = true});
    CHECK(text_of(memory, "rate") == "1=0 2=0 3=0 4=0 5=0 6=0 7=0 8=0 9=0 10=3");
    CHECK(text_of(memory, "coarse") == "10=4");
    CHECK(memory.size() == 11);
    CHECK(memory.flushes() == 1);
    CHECK(clock->read().wall == test::origin + 11s);
    CHECK(dump.finish() == dump.report());
    CHECK(memory.flushes() == 1);
}

TEST_CASE("Leaving the scope is finish, once") {
    OriginClock clock;
    Memory memory;
    MetricCounter rate{"rate", {.clock = &*clock}};
    {
        const autodump dump{memory, rate};
        rate.inc();
    }
    CHECK(text_of(memory) == "0=1");
    clock->advance(1min);
    CHECK(memory.size() == 1);
}

TEST_CASE("With a deadline before the end of the bucket its value is written at once, and its timestamp not again") {
    OriginClock clock{400ms};
    Memory memory;
    MetricCounter rate{"rate", {.clock = &*clock}};
    autodump dump{memory, rate};
    rate.add(3);
    CHECK(dump.finish(500ms) == Report{.accepted = 1, .complete = true});
    CHECK(text_of(memory) == "0=3");
    CHECK(clock->read().wall == test::origin + 400ms);
    rate.add(4);
    clock->advance(2s);
    CHECK(dumped(rate) == "1=4");
}

TEST_CASE("Counts after the awaited end are left to a successor's timestamp, and stay in the counter") {
    OriginClock clock{400ms};
    Memory memory;
    MetricCounter rate{"rate", {.clock = &*clock}};
    MetricCounter uneven{"uneven", {.timespan = 700ms, .granularity = 700ms, .clock = &*clock}};
    autodump dump{Doing{memory, [&] { rate.inc(); }}, rate, uneven};
    rate.add(3);
    clock->advance(500ms);
    uneven.add(7);
    CHECK(dump.finish().complete);
    CHECK(text_of(memory, "rate") == "0=3");
    CHECK(text_of(memory, "uneven") == "0.4=7"); // its bucket ended last
    CHECK(clock->read().wall == test::origin + 1100ms);
    CHECK(rate.window().end()[-1].value >= 1);
}

TEST_CASE("A transmitter that fails is tried again until the deadline") {
    OriginClock clock;
    Memory memory;
    MetricCounter rate{"rate", {.timespan = 5s, .clock = &*clock}};
    autodump dump{memory, rate};
    SECTION("it recovers before the next dump") {
        memory.fail(2);
        clock->advance(5s);
        CHECK(memory.size() == 0);
        CHECK(dump.report() == Report{.failures = 1});
        clock->advance(499ms);
        CHECK(dump.report() == Report{.failures = 2});
        clock->advance(1ms);
        CHECK(text_of(memory) == "0=0 1=0 2=0 3=0 4=0");
        CHECK(dump.report() == Report{.accepted = 5, .failures = 2});
    }
    SECTION("it recovers when more is complete") {
        memory.fail(5);
        clock->advance(6249ms);
        CHECK(memory.size() == 0);
        clock->advance(1ms);
        CHECK(text_of(memory) == "0=0 1=0 2=0 3=0 4=0 5=0");
        clock->advance(3750ms);
        CHECK(text_of(memory) == "0=0 1=0 2=0 3=0 4=0 5=0 6=0 7=0 8=0 9=0");
        CHECK(dump.report() == Report{.accepted = 10, .failures = 5});
    }
    SECTION("it recovers during finish") {
        clock->advance(2s);
        rate.add(6);
        memory.fail(3);
        CHECK(dump.finish() == Report{.accepted = 3, .failures = 3, .complete = true});
        CHECK(text_of(memory) == "0=0 1=0 2=6");
    }
    SECTION("it takes a part") {
        clock->advance(4s);
        memory.take_only(3);
        CHECK(dump.finish() == Report{.accepted = 5, .failures = 1, .complete = true});
        CHECK(text_of(memory) == "0=0 1=0 2=0 3=0 4=0");
    }
    SECTION("it never recovers") {
        clock->advance(2s);
        rate.add(6);
        memory.fail(1'000'000);
        const Report report = dump.finish(1s);
        CHECK(clock->read().wall == test::origin + 3s);
        CHECK(report.accepted == 0);
        CHECK(report.unsent == 3); // 0 and 1, which it got, and 2, which ended while the publish was repeated
        CHECK(report.failures == 51);
        CHECK_FALSE(report.complete);
        CHECK_FALSE(report.closed);
        memory.fail(0);
        CHECK(dumped(rate) == "2=6"); // which was not passed to any transmitter
    }
    SECTION("it can flush only after a while") {
        memory.fail_flushes(7);
        CHECK(dump.finish() == Report{.accepted = 1, .complete = true});
    }
    SECTION("it cannot flush") {
        memory.fail_flushes(1'000'000);
        CHECK(dump.finish() == Report{.accepted = 1, .complete = false});
    }
}

namespace {

/// Accepts nothing, and does not return until the test releases it.
class Blocks final : public tickertape::Transmitter {
public:
    explicit Blocks(std::latch& let_go) : let_go_{&let_go} {}
    tickertape::Outcome publish(std::span<const Point> points) override {
        let_go_->wait();
        return tickertape::Outcome::all(points);
    }

private:
    std::latch* let_go_;
};

} // namespace

TEST_CASE("The end does not wait longer than it may for a transmitter that blocks") {
    static std::latch let_go{1}; // the abandoned thread reads it
    OriginClock clock;
    MetricCounter rate{"rate", {.clock = &*clock}};
    {
        autodump dump{Blocks{let_go}, rate};
        rate.inc();
        clock->stall(2s); // nobody has published yet
        const Report report = dump.finish(10ms);
        CHECK_FALSE(report.complete);
        let_go.count_down();
    } // waits for the thread, which continues now
}

TEST_CASE("The end of a bucket that a counter left behind is waited for, so that no successor writes it again") {
    OriginClock clock;
    Memory memory;
    clock->advance(300ms);
    std::optional<MetricCounter<tickertape::rate>> counter{MetricCounter<tickertape::rate>{"rate", {.clock = &*clock}}};
    autodump dump{memory, *counter};
    counter->add(3);
    counter.reset();
    CHECK(dump.finish().complete);
    CHECK(text_of(memory) == "0=3");
    CHECK(clock->read().wall == test::origin + 1s);
}

TEST_CASE("Points that are rejected are counted, and delay nothing") {
    OriginClock clock;
    Memory memory;
    MetricCounter rate{"rate", {.timespan = 5s, .clock = &*clock}};
    autodump dump{memory, rate};
    memory.reject([](const Point& point) {
        return point.time() == test::origin + 1s ? std::optional{tickertape::Reason::refused} : std::nullopt;
    });
    clock->advance(2s);
    CHECK(dump.finish() == Report{.accepted = 2, .rejected = 1, .complete = true});
    CHECK(text_of(memory) == "0=0 2=0");
}

TEST_CASE("A transmitter that is closed is not asked again, and finish does not wait for it") {
    OriginClock clock;
    Memory memory;
    MetricCounter rate{"rate", {.timespan = 5s, .clock = &*clock}};
    autodump dump{memory, rate};
    memory.close();
    SECTION("while running") {
        clock->advance(8s);
        CHECK(memory.publishes() == 1);
        CHECK(dump.report() == Report{.unsent = 5, .closed = true});
        clock->advance(1min);
        CHECK(memory.publishes() == 1);
    }
    SECTION("at the end") {
        clock->advance(3500ms);
        CHECK(dump.finish() == Report{.unsent = 3, .closed = true});
        CHECK(clock->read().wall == test::origin + 3500ms);
        CHECK(memory.publishes() == 1);
    }
}

TEST_CASE("An autodump of all counters takes those made later") {
    OriginClock clock;
    Memory memory;
    MetricCounter first{"first", {.timespan = 5s, .clock = &*clock}};
    autodump dump{memory};
    clock->advance(1s);
    MetricCounter second{"second", {.timespan = 2s, .clock = &*clock}};
    clock->advance(4s);
    CHECK(text_of(memory, "first") == "0=0 1=0 2=0 3=0 4=0");
    CHECK(text_of(memory, "second") == "1=0 2=0 3=0");
    OriginClock other;
    MetricCounter elsewhere{"elsewhere", {.timespan = 5s, .clock = &*other}}; // not on its clock
    other->advance(5s);
    CHECK(text_of(memory, "elsewhere") == "");
    dump.finish();
    CHECK(text_of(memory, "second") == "1=0 2=0 3=0 4=0 5=0");
    CHECK_THROWS_WITH(autodump(memory), Catch::Matchers::ContainsSubstring("goes by another clock"));
}

TEST_CASE("An autodump of all counters leaves alone those of another autodump, also on another clock") {
    OriginClock clock;
    OriginClock other;
    Memory memory;
    Memory rest;
    MetricCounter a{"a", {.timespan = 5s, .clock = &*other}};
    const autodump dump{memory, a};
    MetricCounter b{"b", {.timespan = 5s, .clock = &*clock}};
    const autodump dump_rest{rest};
    clock->advance(5s);
    other->advance(5s);
    CHECK(text_of(memory) == "0=0 1=0 2=0 3=0 4=0");
    CHECK(text_of(rest, "b") == "0=0 1=0 2=0 3=0 4=0");
    CHECK(text_of(rest, "a") == "");
}

TEST_CASE("A counter belongs to one autodump at a time") {
    OriginClock clock;
    Memory memory;
    MetricCounter rate{"rate", {.clock = &*clock}};
    std::optional<autodump> dump;
    dump.emplace(memory, rate);
    CHECK_THROWS_WITH(autodump(memory, rate), Catch::Matchers::ContainsSubstring("belongs to an autodump already"));
    dump.reset();
    dump.emplace(memory, rate);
}

TEST_CASE("A counter destroyed before its autodump has its buckets published, the running one too") {
    OriginClock clock;
    Memory memory;
    std::optional<MetricCounter<>> rate;
    std::optional<MetricCounter<stock>> level;
    rate = MetricCounter{"rate", {.timespan = 5s, .clock = &*clock}};
    level = MetricCounter<stock>{"level", {.timespan = 5s, .clock = &*clock}};
    autodump dump{memory, *rate, *level};
    rate->add(2);
    level->set(0.5);
    clock->advance(1500ms);
    rate->add(3);
    level->set(1.5);
    const auto undumped = tickertape::process_stats().counts_undumped;
    rate.reset();
    level.reset();
    CHECK(memory.size() == 0);
    SECTION("at the next boundary") { clock->advance(3500ms); }
    SECTION("at the end") { CHECK(dump.finish() == Report{.accepted = 4, .complete = true}); }
    SECTION("with a transmitter that fails first") {
        memory.fail();
        CHECK(dump.finish() == Report{.accepted = 4, .failures = 1, .complete = true});
    }
    CHECK(text_of(memory, "rate") == "0=2 1=3");
    CHECK(text_of(memory, "level") == "0=0.5 1=1.5");
    CHECK(tickertape::process_stats().counts_undumped == undumped);
}

TEST_CASE("A counter destroyed outside a dump adds its held counts to counts_undumped") {
    OriginClock clock;
    const auto before = tickertape::process_stats().counts_undumped;
    {
        MetricCounter rate{"rate", {.clock = &*clock}};
        rate.add(2);
        clock->advance(1s);
        CHECK(dumped(rate) == "0=2");
        rate.add(3);
        clock->advance(1s);
        rate.add(5);
    }
    CHECK(tickertape::process_stats().counts_undumped - before == 8);
}

TEST_CASE("A dump whose transmitter fails emits the same again") {
    OriginClock clock;
    MetricCounter rate{"rate", {.clock = &*clock}};
    Memory memory;
    clock->advance(3s);
    SECTION("it throws") {
        memory.fail();
        CHECK_THROWS_AS(rate.dump(memory), std::runtime_error);
    }
    SECTION("it takes none") {
        memory.take_only(0);
        CHECK(rate.dump(memory) == 0);
    }
    SECTION("it takes some") {
        memory.take_only(2);
        CHECK(rate.dump(memory) == 2);
        CHECK(text_of(memory) == "0=0 1=0");
    }
    rate.dump(memory);
    CHECK(text_of(memory) == "0=0 1=0 2=0");
}

TEST_CASE("Points that a failing dump could not give back to the ring are counted as lost") {
    OriginClock clock;
    Memory memory;
    MetricCounter rate{"rate", {.clock = &*clock}};
    for (int i = 0; i < 10; ++i) {
        rate.add(1);
        clock->advance(1s);
    }
    SECTION("the ring is full of newer buckets") {
        memory.fail();
        Doing slow{memory, [&] { clock->advance(117s); }};
        CHECK_THROWS_AS(rate.dump(slow), std::runtime_error);
        CHECK(rate.stats().buckets_lost == 5);
        CHECK(rate.stats().counts_lost == 5);
        rate.dump(memory);
        CHECK(memory.size() == 122);
        CHECK(memory.points().front().time() == test::origin + 5s);
    }
    SECTION("another dump has emitted newer ones") {
        memory.take_only(4);
        Doing nested{memory, [&] {
                         clock->advance(1s);
                         Memory inner;
                         rate.dump(inner);
                         CHECK(text_of(inner) == "10=0");
                     }};
        CHECK(rate.dump(nested) == 4);
        CHECK(rate.stats().buckets_lost == 6);
        CHECK(rate.stats().counts_lost == 6);
        CHECK(dumped(rate) == "");
    }
}

TEST_CASE("A transmitter that takes longer than the timespan delays dumps and repeats or drops nothing") {
    OriginClock clock;
    Memory memory;
    MetricCounter rate{"rate", {.timespan = 5s, .clock = &*clock}};
    int publishes = 0;
    {
        const autodump dump{Doing{memory, [&] { clock->advance(++publishes < 3 ? 12s : 0s); }}, rate};
        clock->advance(5s);
        CHECK(test::seconds_text(clock->read().wall - test::origin) == "17");
        clock->advance(1s);
    } // its end published the rest, which took until after the deadline: it does not wait for the bucket 30
    std::string all;
    for (int timestamp = 0; timestamp < 30; ++timestamp) {
        all += (timestamp == 0 ? "" : " ") + std::to_string(timestamp) + "=0";
    }
    CHECK(text_of(memory) == all);
}

TEST_CASE("finish during a hold of the timestamps does not wait for wall time to catch up") {
    OriginClock clock;
    Memory memory;
    MetricCounter rate{"rate", {.clock = &*clock}};
    autodump dump{memory, rate};
    clock->advance(1500ms);
    rate.add(2);
    clock->step(-30s);
    CHECK(dump.finish() == Report{.accepted = 2, .complete = true});
    CHECK(text_of(memory) == "0=0 1=2");
    CHECK(clock->read().wall == test::origin - 28500ms);
}
