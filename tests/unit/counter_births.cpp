// SPDX-License-Identifier: MIT
// Counters that are made within a bucket, and counters that cannot be made.
#include <chrono>
#include <cstddef>
#include <mutex>
#include <new>
#include <optional>
#include <string>

#include <tickertape/counter.hpp>
#include <tickertape/distribution.hpp>
#include <tickertape/series.hpp>

#include "counter/pulse.hpp"
#include "counter/registry.hpp"
#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/on_manual_clock.hpp"

using namespace std::chrono_literals;
using namespace tickertape::literals;
using test::dumped;
using test::OriginClock;
using tickertape::Clock;
using tickertape::CounterOptions;
using tickertape::distribution;
using tickertape::MetricCounter;
using tickertape::rate;
using tickertape::Series;
using tickertape::stock;

namespace {

/// Makes a counter while one allocation after the other fails, until none is left that could fail. Returns how many failed.
template <class Mode>
std::size_t failed_births(const CounterOptions& options) {
    const std::size_t living = tickertape::process_stats().living_counters;
    for (std::size_t failed = 0;; ++failed) {
        try {
            std::optional<MetricCounter<Mode>> counter;
            const test::FailedAllocation one{failed + 1};
            counter.emplace("m"_name, options);
            return failed;
        } catch (const std::bad_alloc&) {
            CHECK(tickertape::process_stats().living_counters == living);
        }
    }
}

} // namespace

TEST_CASE("A rate that is made within a bucket gets nothing of the buckets that ended before") {
    OriginClock clock;
    MetricCounter<rate> first{"first", {.clock = &*clock}};
    first.add(7);
    clock->advance(1500ms);
    MetricCounter<rate> second{"second",
                               {.clock = &*clock}}; // beside `first`, whose bucket 0 may still be a stored total
    second.add(2);
    first.inc();
    clock->advance(1500ms);
    CHECK(dumped(second) == "1=2 2=0");
    CHECK(dumped(first) == "0=7 1=1 2=0");
}

TEST_CASE("A rate that is made after others were destroyed has no count of theirs") {
    OriginClock clock;
    MetricCounter<rate> other{"other", {.clock = &*clock}};
    for (int i = 0; i < 600; ++i) { // more than a chunk of ids
        MetricCounter<rate> counter{"m" + std::to_string(i % 7), {.clock = &*clock}};
        CHECK(dumped(counter).empty());
        counter.add(i);
        clock->advance(250ms);
        CAPTURE(i);
        const bool ended = i % 4 == 3;
        CHECK(dumped(counter) == (ended ? std::to_string(i / 4) + "=" + std::to_string(i) : ""));
    }
}

TEST_CASE("A reading is within a bucket only if it cannot belong to a neighbouring one") {
    OriginClock clock{100ms};
    const MetricCounter<rate> counter{"m", {.clock = &*clock}};
    const std::lock_guard lock{tickertape::counter::Registry::instance().mutex};
    const auto pulse = tickertape::counter::pulse_of(*clock);
    const Clock::Reading made = clock->read();
    const auto is_within = [&](std::chrono::nanoseconds later, std::chrono::nanoseconds stepped = 0ns) {
        return pulse->is_within_bucket(1s, {made.wall + later + stepped, made.steady + later});
    };
    CHECK(is_within(0ms));
    CHECK(is_within(879ms));
    CHECK_FALSE(is_within(881ms)); // a newer reading might be in the next bucket
    CHECK_FALSE(is_within(900ms));
    CHECK(is_within(-99ms));
    CHECK_FALSE(is_within(-100ms)); // the bucket began at this moment, or later
    CHECK_FALSE(is_within(10ms, 1ms));
    CHECK_FALSE(is_within(10ms, -1ms));
    CHECK_FALSE(is_within(10ms, 1h));
    CHECK_FALSE(pulse->is_within_bucket(2s, made)); // there is no such group
}

TEST_CASE("A reading from before the newest timestamp of a destroyed counter is not within a bucket") {
    OriginClock clock{100ms};
    const MetricCounter<rate> counter{"m", {.clock = &*clock}};
    {
        MetricCounter<rate> fine{"fine", {.timespan = 10ms, .granularity = 1ms, .clock = &*clock}};
        clock->advance(10ms);
    }
    const std::lock_guard lock{tickertape::counter::Registry::instance().mutex};
    const auto pulse = tickertape::counter::pulse_of(*clock);
    const Clock::Reading now = clock->read();
    CHECK(pulse->is_within_bucket(1s, now));
    CHECK_FALSE(pulse->is_within_bucket(1s, {now.wall - 5ms, now.steady - 5ms}));
}

TEST_CASE("A counter for which there is no memory leaves nothing behind") {
    OriginClock clock;
    const MetricCounter<rate> other{"other", {.clock = &*clock}};     // so that the clock ticks
    const Series kept{"m", {}, {.step = 1s}};                         // which outlives the claims of failed counters
    const CounterOptions options{.timespan = 100s, .clock = &*clock}; // rings of this size are not taken from a pool
    CHECK(failed_births<rate>(options) > 0);
    CHECK(failed_births<stock>(options) > 0);
    CHECK(failed_births<distribution>(options) > 0);
}
