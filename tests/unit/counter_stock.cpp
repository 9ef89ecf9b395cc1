// SPDX-License-Identifier: MIT
// MetricCounter<stock>: the values of its buckets, none of which is invented.
#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <range/v3/algorithm/max.hpp>
#include <range/v3/algorithm/min.hpp>
#include <range/v3/iterator/concepts.hpp>
#include <range/v3/range/primitives.hpp>

#include "support/catch.hpp"
#include "support/counting.hpp"

using namespace std::chrono_literals;
using test::emitted;
using test::Emitted;
using test::on_threads;
using tickertape::autodump;
using tickertape::BucketState;
using tickertape::Fold;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::stock;
using tickertape::testkit::ManualClock;

namespace {

using All = std::vector<Emitted>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Runs `f(thread, i)` `rounds` times on each of `threads` threads while the sampler ticks, and dumps everything.
template <class F>
void race(ManualClock& clock, MetricCounter<stock>& counter, Memory& memory, int threads, int rounds, F f) {
    std::atomic<int> running{threads};
    on_threads(
        threads,
        [&](int thread) {
            for (int i = 0; i < rounds; ++i) {
                f(thread, i);
            }
            --running;
        },
        [&] {
            while (running > 0) {
                clock.advance(1ms);
                counter.dump(memory);
            }
        });
    clock.advance(1ms);
    counter.dump(memory);
}

} // namespace

TEST_CASE("a bucket of a stock holds one folded reading") {
    const auto folded = [](Fold fold) {
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> level{"level", {.fold = fold, .clock = &clock}};
        for (const double reading : {4.0, 9.0, -3.5, 2.0}) {
            level.set(reading);
        }
        clock.advance(1s);
        level.set(7);
        clock.advance(1s);
        level.dump(memory);
        return emitted(memory, "level");
    };
    CHECK(folded(Fold::last) == All{{0s, 2}, {1s, 7}});
    CHECK(folded(Fold::max) == All{{0s, 9}, {1s, 7}});
    CHECK(folded(Fold::min) == All{{0s, -3.5}, {1s, 7}});
    CHECK(folded(Fold::mean) == All{{0s, 2.875}, {1s, 7}});
}

TEST_CASE("a bucket without a reading is absent, never 0") {
    for (const Fold fold : {Fold::last, Fold::max, Fold::min, Fold::mean}) {
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> level{"level", {.fold = fold, .clock = &clock}};
        clock.advance(2s);
        level.set(5);
        clock.advance(3s);
        level.set(6);
        clock.stall(10s); // a reading belongs to one bucket
        level.dump(memory);
        CHECK(emitted(memory, "level") == All{{2s, 5}, {5s, 6}});
    }
}

TEST_CASE("a reading of 0 is a reading, whatever its sign") {
    for (const Fold fold : {Fold::last, Fold::max, Fold::min, Fold::mean}) {
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> level{"level", {.fold = fold, .clock = &clock}};
        level.set(0.0);
        clock.advance(1s);
        level.set(-0.0);
        clock.advance(1s);
        level.dump(memory);
        CHECK(emitted(memory, "level") == All{{0s, 0}, {1s, 0}});
    }
}

TEST_CASE("the ends of the doubles are readings") {
    for (const double reading : {std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest(),
                                 std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::min()}) {
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> level{"level", {.clock = &clock}};
        level.set(reading);
        clock.advance(1s);
        level.dump(memory);
        CHECK(emitted(memory, "level") == All{{0s, reading}});
    }
}

TEST_CASE("nan and infinities are refused, counted, and change nothing") {
    for (const Fold fold : {Fold::last, Fold::max, Fold::min, Fold::mean}) {
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> level{"level", {.fold = fold, .clock = &clock}};
        level.set(not_a_number);
        level.set(infinity);
        clock.advance(1s);
        level.set(3);
        level.set(-infinity);
        level.set(-not_a_number);
        level.add(infinity);
        level.add(not_a_number);
        clock.advance(1s);
        level.dump(memory);
        CHECK(emitted(memory, "level") == All{{1s, 3}});
        CHECK(level.stats().refused == 6);
    }
}

TEST_CASE("a level that would overflow stays") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.clock = &clock}};
    level.set(std::numeric_limits<double>::max());
    level.add(std::numeric_limits<double>::max());
    clock.advance(1s);
    level.dump(memory);
    CHECK(emitted(memory, "level") == All{{0s, std::numeric_limits<double>::max()}});
    CHECK(level.stats().refused == 1);
}

TEST_CASE("a mean whose sum overflows is absent and counted as refused") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.fold = Fold::mean, .clock = &clock}};
    level.set(std::numeric_limits<double>::max());
    level.set(std::numeric_limits<double>::max());
    clock.advance(1s);
    level.dump(memory);
    CHECK(memory.size() == 0);
    CHECK(level.stats().refused == 1);
}

TEST_CASE("steps move the level from bucket to bucket, from 0 at first") {
    for (const Fold fold : {Fold::last, Fold::max, Fold::min, Fold::mean}) {
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> level{"level", {.fold = fold, .clock = &clock}};
        level.add(2);
        clock.advance(3s); // the level stays, but is read only when it moves
        level.add(5);
        clock.advance(1s);
        level.set(100);
        clock.advance(1s);
        level.add(-1);
        clock.advance(1s);
        level.dump(memory);
        CHECK(emitted(memory, "level") == All{{0s, 2}, {3s, 7}, {4s, 100}, {5s, 99}});
    }
}

TEST_CASE("steps are folded by the levels that they lead to") {
    const auto folded = [](Fold fold) {
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> level{"level", {.fold = fold, .clock = &clock}};
        for (const double step : {1.0, 1.0, 2.0, -3.0}) {
            level.add(step);
        }
        clock.advance(1s);
        level.dump(memory);
        return emitted(memory, "level");
    };
    CHECK(folded(Fold::last) == All{{0s, 1}});
    CHECK(folded(Fold::max) == All{{0s, 4}});
    CHECK(folded(Fold::min) == All{{0s, 1}});
    CHECK(folded(Fold::mean) == All{{0s, 2}});
}

TEST_CASE("a reading is held for as long as was asked for, and no longer") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.hold_at_most = 3s, .clock = &clock}};
    clock.advance(2s); // there is no value to repeat yet
    level.set(5);
    clock.advance(7s);
    level.set(6);
    clock.advance(2s);
    level.dump(memory);
    CHECK(emitted(memory, "level") == All{{2s, 5}, {3s, 5}, {4s, 5}, {5s, 5}, {9s, 6}, {10s, 6}});
}

TEST_CASE("a reading is held over missed ticks, too") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.hold_at_most = 3s, .clock = &clock}};
    level.set(5);
    clock.stall(10s);
    level.dump(memory);
    CHECK(emitted(memory, "level") == All{{0s, 5}, {1s, 5}, {2s, 5}, {3s, 5}});
}

TEST_CASE("a sleeping machine holds no points") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.hold_at_most = 3s, .clock = &clock}};
    level.set(5);
    clock.advance(1s);
    clock.suspend(10min);
    clock.advance(2s);
    level.dump(memory);
    for (const auto& [time, value] : emitted(memory, "level")) {
        CHECK(time <= 1s);
    }
}

TEST_CASE("a suspended stock emits nothing, not even its held value") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.hold_at_most = 60s, .clock = &clock}};
    level.set(5);
    clock.advance(1s);
    level.set(6);
    level.suspend();
    clock.advance(4s);
    level.dump(memory);
    CHECK(emitted(memory, "level") == All{{0s, 5}, {1s, 6}});
    level.resume();
    level.set(7);
    clock.advance(1s);
    level.dump(memory);
    CHECK(emitted(memory, "level").back() == Emitted{5s, 7});
    CHECK(memory.size() == 3);
}

TEST_CASE("a suspension between two ticks holds no points") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.hold_at_most = 60s, .clock = &clock}};
    level.set(5);
    clock.stall(1500ms);
    level.suspend();
    clock.stall(3s); // to 4.5, without a tick
    level.resume();
    level.set(6);
    clock.stall(500ms);
    level.dump(memory);
    CHECK(emitted(memory, "level") == All{{0s, 5}, {4s, 6}});
}

TEST_CASE("a reading made while suspended is counted as carried once, however long it waits") {
    ManualClock clock{test::epoch};
    MetricCounter<stock> level{"level", {.clock = &clock}};
    level.suspend();
    clock.advance(1s);
    level.set(5);
    clock.advance(10s);
    CHECK(level.stats().carried == 1);
}

TEST_CASE("values that a stock was cleared of are neither emitted nor held") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.hold_at_most = 60s, .clock = &clock}};
    level.set(5);
    clock.advance(1s);
    level.set(6);
    level.clear();
    clock.advance(1s);
    level.set(7);
    clock.advance(1s);
    level.dump(memory);
    CHECK(emitted(memory, "level") == All{{2s, 7}});
}

TEST_CASE("a window shows the running reading without taking it") {
    for (const Fold fold : {Fold::last, Fold::max, Fold::min, Fold::mean}) {
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> level{"level", {.timespan = 2s, .granularity = 1s, .fold = fold, .clock = &clock}};
        CHECK(level.window()[0].state == BucketState::absent);
        level.set(5);
        clock.advance(2s);
        level.set(6);
        for (int i = 0; i < 2; ++i) {
            const auto window = level.window();
            static_assert(ranges::random_access_range<decltype(window)>);
            REQUIRE(ranges::size(window) == 3);
            CHECK(window[0] == tickertape::Bucket<double>{test::epoch, 5, BucketState::full});
            CHECK(window[1] == tickertape::Bucket<double>{test::epoch + 1s, 0, BucketState::absent});
            CHECK(window[2] == tickertape::Bucket<double>{test::epoch + 2s, 6, BucketState::partial});
        }
        CHECK(level.summarize(ranges::max) == 6);
        CHECK(level.summarize(ranges::min) == 5); // not the 0 of an absent bucket
        clock.advance(1s);
        level.dump(memory);
        CHECK(emitted(memory, "level") == All{{0s, 5}, {2s, 6}});
    }
}

TEST_CASE("readings without a dump are pushed out and counted") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.timespan = 1s, .granularity = 1s, .clock = &clock}};
    level.set(1);
    clock.advance(3s);
    level.set(2);
    clock.advance(122s);
    CHECK(level.stats().buckets_lost == 1);
    level.set(3);
    clock.stall(1000s);
    level.dump(memory);
    CHECK(memory.size() == 0);
    CHECK(level.stats().buckets_lost == 3);
}

TEST_CASE("a stock may be moved") {
    for (const Fold fold : {Fold::last, Fold::mean}) {
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> first{"level", {.fold = fold, .clock = &clock}};
        MetricCounter<stock> second{"other", {.fold = fold, .clock = &clock}};
        first.set(1);
        second = std::move(first);
        second.set(3);
        clock.advance(1s);
        second.dump(memory);
        CHECK(emitted(memory, "level") == All{{0s, fold == Fold::last ? 3.0 : 2.0}});
    }
}

TEST_CASE("a stock destroyed inside an autodump emits its buckets") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> other{"other", {.clock = &clock}};
    autodump dump{memory};
    {
        MetricCounter<stock> level{"level", {.clock = &clock}};
        level.set(1);
        clock.advance(1500ms);
        level.set(2);
    }
    dump.finish();
    CHECK(emitted(memory, "level") == All{{0s, 1}, {1s, 2}});
}

TEST_CASE("with several setters each harvested reading is one that was set, and none comes back") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.timespan = 50ms, .granularity = 1ms, .clock = &clock}};
    constexpr int threads = 4;
    constexpr int rounds = 20'000;
    race(clock, level, memory, threads, rounds, [&](int thread, int i) { level.set(i * threads + thread); });
    std::vector<double> last(threads, -1);
    for (const auto& [time, value] : emitted(memory, "level")) {
        const auto reading = static_cast<std::int64_t>(value);
        double& before = last[static_cast<std::size_t>(reading % threads)];
        if (static_cast<double>(reading) != value || value <= before || value >= threads * rounds) {
            FAIL(value << " after " << before);
        }
        before = value;
    }
    CHECK(static_cast<std::int64_t>(emitted(memory, "level").back().value) / threads == rounds - 1);
}

TEST_CASE("no reading escapes a max or a min") {
    for (const Fold fold : {Fold::max, Fold::min}) {
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> level{"level", {.timespan = 50ms, .granularity = 1ms, .fold = fold, .clock = &clock}};
        const double sign = fold == Fold::max ? 1 : -1;
        // Each thread has a few extremes, each twice as large as the one before. All of them must be found.
        race(clock, level, memory, 4, 20'000,
             [&](int thread, int i) { level.set(sign * (i % 1000 == 999 ? 4.0 * (i + 1) + thread : i % 10)); });
        double best = 0;
        for (const auto& [time, value] : emitted(memory, "level")) {
            best = std::max(best, sign * value);
        }
        CHECK(best == 4.0 * 20'000 + 3);
    }
}

TEST_CASE("a mean stays within the range of the set values") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.timespan = 50ms, .granularity = 1ms, .fold = Fold::mean, .clock = &clock}};
    race(clock, level, memory, 4, 20'000, [&](int thread, int) { level.set(1000 + thread); });
    CHECK(memory.size() > 0);
    for (const auto& [time, value] : emitted(memory, "level")) {
        if (value < 1000 || value > 1003) {
            FAIL(value);
        }
    }
}

TEST_CASE("a window read meanwhile never shows a mean that is out of range") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.timespan = 5ms, .granularity = 1ms, .fold = Fold::mean, .clock = &clock}};
    std::atomic<bool> made_up{false};
    race(clock, level, memory, 3, 5'000, [&](int thread, int) {
        if (thread > 0) {
            level.set(1000);
            return;
        }
        for (const auto& bucket : level.window()) {
            made_up = made_up || (bucket.state != BucketState::absent && bucket.value != 1000);
        }
    });
    CHECK_FALSE(made_up);
}

TEST_CASE("no step is lost between steps and harvests") {
    for (const Fold fold : {Fold::last, Fold::max, Fold::min, Fold::mean}) {
        CAPTURE(static_cast<int>(fold));
        ManualClock clock{test::epoch};
        Memory memory;
        MetricCounter<stock> level{"level", {.timespan = 50ms, .granularity = 1ms, .fold = fold, .clock = &clock}};
        // Threads go up and down by one, and end higher.
        race(clock, level, memory, 4, 20'000, [&](int, int i) { level.add(i % 2 == 0 ? 1 : -1); });
        race(clock, level, memory, 4, 25, [&](int, int) { level.add(1); });
        level.add(0); // returns the level
        clock.advance(1ms);
        level.dump(memory);
        CHECK(memory.points().back().value().integer() == 100);
    }
}

TEST_CASE("steps are exact against a harvester that does nothing else") {
    tickertape::counter::StockCell cell{Fold::last};
    constexpr int rounds = 200'000;
    std::atomic<int> running{3};
    on_threads(
        3,
        [&](int) {
            for (int i = 0; i < rounds; ++i) {
                cell.add(1);
            }
            --running;
        },
        [&] {
            while (running > 0) {
                static_cast<void>(cell.harvest());
            }
        });
    cell.add(0); // returns the level
    CHECK(cell.harvest() == 3 * rounds);
}

TEST_CASE("between steps, readings and harvests the level is always one that is possible") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<stock> level{"level", {.timespan = 50ms, .granularity = 1ms, .clock = &clock}};
    // One thread sets multiples of a million, and the others move the level by one, 10,000 times in all.
    race(clock, level, memory, 3, 10'000, [&](int thread, int i) {
        if (thread == 0) {
            level.set(1'000'000.0 * i);
        } else if (i < 5000) {
            level.add(1);
        }
    });
    double last = 0;
    for (const auto& [time, value] : emitted(memory, "level")) {
        const double steps = std::fmod(value, 1'000'000.0);
        if (steps > 10'000 || value - steps < last) {
            FAIL(value << " after " << last); // too many steps, or an old reading has come back
        }
        last = value - steps;
    }
}
