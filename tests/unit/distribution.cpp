// SPDX-License-Identifier: MIT
// MetricCounter<distribution>: the points, their times and their names.
#include <tickertape/distribution.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <tickertape/autodump.hpp>

#include "counter/distribution_state.hpp"

#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using tickertape::autodump;
using tickertape::BucketState;
using tickertape::CounterOptions;
using tickertape::distribution;
using tickertape::Field;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::Outcome;
using tickertape::Point;
using tickertape::process_stats;
using tickertape::Quantiles;
using tickertape::rate;
using tickertape::Sketch;
using tickertape::UsageError;
using tickertape::testkit::ManualClock;

namespace {

/// Returns the points of a memory as `series@seconds=value`, in order.
std::vector<std::string> lines(const Memory& memory) {
    std::vector<std::string> all;
    for (const Point& point : memory.points()) {
        const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(point.time() - test::epoch).count();
        all.push_back(std::string{point.series().text()} + "@" + std::to_string(since) + "=" +
                      to_string(point.value()));
    }
    return all;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE(
    "a distribution writes count, sum, max and p99 of each bucket, and only the count of a bucket without recordings") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<distribution> latency{"latency", {.tags = {{"op", "get"}}, .clock = &clock}};
    latency.record(0.5);
    latency.record(0.25);
    latency.record(2ms);
    clock.advance(2s);
    latency.record(-3);
    clock.advance(1s);
    CHECK(latency.dump(memory) == 9);
    CHECK(lines(memory) == Lines{"latency.count op=get@0=3", "latency.sum op=get@0=0.752", "latency.max op=get@0=0.5",
                                 "latency.p99 op=get@0=0.5", "latency.count op=get@1000=0",
                                 "latency.count op=get@2000=1", "latency.sum op=get@2000=-3",
                                 "latency.max op=get@2000=-3", "latency.p99 op=get@2000=-3"});
    CHECK(latency.dump(memory) == 0);
}

TEST_CASE("fields, quantiles and cumulative buckets of a distribution are written as asked") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<distribution> size{"size",
                                     {.fields = {Field::mean, Field::min},
                                      .quantiles = {0.5, 0.999},
                                      .buckets = {0.5, 1000},
                                      .resolution = 1,
                                      .clock = &clock}};
    for (const double bytes : {0, 100, 300, 4000}) {
        size.record(bytes);
    }
    clock.advance(2s);
    size.dump(memory);
    CHECK(lines(memory) == Lines{"size.min@0=0", "size.mean@0=1100", "size.p50@0=" + to_string(tickertape::Value{[] {
                                                                         Sketch s{1};
                                                                         s.record(100);
                                                                         s.record(100);
                                                                         s.record(300);
                                                                         s.record(0);
                                                                         return s.quantile(0.5);
                                                                     }()}),
                                 "size.p999@0=4000", "size.bucket le=0.5@0=1", "size.bucket le=1000@0=3",
                                 "size.bucket le=Inf@0=4"});
}

TEST_CASE("a quantile's name is its percentage without the point") {
    const std::map<double, std::string> names{{0.5, "p50"},    {0.9, "p90"},      {0.95, "p95"},  {0.99, "p99"},
                                              {0.999, "p999"}, {0.9999, "p9999"}, {0.05, "p05"},  {0.001, "p001"},
                                              {0, "p00"},      {1, "p100"},       {0.123, "p123"}};
    for (const auto& [share, name] : names) {
        CHECK(Quantiles::name(share) == name);
    }
    CHECK_THROWS_AS((Quantiles{1.5}), UsageError);
    CHECK_THROWS_AS((Quantiles{-0.1}), UsageError);
    CHECK_THROWS_AS((Quantiles{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}), UsageError);
    CHECK(Quantiles{0.5, 0.5} == Quantiles{0.5});
}

TEST_CASE("options of a distribution that make no sense are refused with a sentence") {
    const auto refused = [](const CounterOptions& options) {
        CHECK_THROWS_AS((MetricCounter<distribution>{"refused", options}), UsageError);
    };
    refused({.hold_at_most = 1s});
    refused({.buckets = {1, 1}});
    refused({.buckets = {2, 1}});
    refused({.buckets = {std::numeric_limits<double>::infinity()}});
    refused({.resolution = 0});
    refused({.resolution = std::nan("")});
    refused({.fields = {}, .quantiles = {}});
    refused({.tags = {{"le", "x"}}, .buckets = {1}});
    CHECK_THROWS_AS((MetricCounter<rate>{"refused", {.quantiles = {0.5}}}), UsageError);
    CHECK_THROWS_AS((MetricCounter<rate>{"refused", {.buckets = {0.5}}}), UsageError);
    MetricCounter<distribution> fine{"refused"};
}

TEST_CASE("nobody else may write the series of a living distribution") {
    MetricCounter<rate> count{"requests.count"};
    CHECK_THROWS_AS((MetricCounter<distribution>{"requests"}), UsageError);
    {
        MetricCounter<distribution> others{"others"};
        CHECK_THROWS_AS((MetricCounter<rate>{"others.p99"}), UsageError);
        CHECK_THROWS_AS((MetricCounter<distribution>{"others"}), UsageError);
    }
    MetricCounter<rate> p99{"others.p99"};
}

TEST_CASE("a timing records how long it lives, also when an exception ends it") {
    ManualClock clock{test::epoch};
    MetricCounter<distribution> latency{"latency", {.clock = &clock}};
    {
        const auto timing = latency.time();
        clock.advance(20ms);
    }
    try {
        const auto timing = latency.time();
        clock.advance(300ms);
        throw std::runtime_error{"failed"};
    } catch (const std::runtime_error&) {
    }
    const Sketch sketch = latency.window().merged();
    CHECK(sketch.count() == 2);
    CHECK(sketch.sum() == 0.32);
    CHECK(sketch.max() == 0.3);
}

TEST_CASE("the window of a distribution has a sketch of each bucket, which merge to one of all") {
    ManualClock clock{test::epoch};
    MetricCounter<distribution> latency{"latency", {.timespan = 3s, .clock = &clock}};
    for (int second = 1; second <= 10; ++second) {
        latency.record(second);
        clock.advance(1s);
    }
    latency.record(0.125);
    const auto window = latency.window();
    REQUIRE(window.end() - window.begin() == 4);
    CHECK(window.begin()->value.max() == 8);
    CHECK(window.begin()->state == BucketState::full);
    CHECK(window.begin()[3].value.max() == 0.125);
    CHECK(window.begin()[3].state == BucketState::partial);
    CHECK(window.merged().count() == 4);
    CHECK(window.merged().max() == 10);
    CHECK(window.merged().min() == 0.125);
    CHECK(latency.summarize([](const std::vector<Sketch>& sketches) { return sketches.size(); }) == 4);
    CHECK(tickertape::Window<Sketch>{}.merged().empty());
}

TEST_CASE("a distribution counts refused and clamped values") {
    ManualClock clock{test::epoch};
    MetricCounter<distribution> latency{"latency", {.clock = &clock}};
    for (int tick = 0; tick < 3; ++tick) {
        latency.record(std::nan(""));
        latency.record(std::numeric_limits<double>::infinity());
        latency.record(1e-12);
        latency.record(-1e12);
        latency.record(0);
        clock.advance(1s);
    }
    CHECK(latency.stats().refused == 6);
    CHECK(latency.stats().clamped == 6);
    CHECK(latency.window().merged().count() == 9);
    CHECK(latency.window().merged().clamped() == 6);
    CHECK(latency.window().merged().min() == -1e12);
}

TEST_CASE("missed ticks leave one smeared sketch of a distribution, and the other timestamps absent") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<distribution> latency{"latency", {.fields = {Field::count}, .quantiles = {}, .clock = &clock}};
    clock.advance(1s);
    latency.record(1);
    clock.stall(4s);
    latency.record(2);
    clock.advance(1s);
    latency.record(3);
    clock.advance(1s);
    latency.dump(memory);
    const auto emitted = test::emitted(memory, "latency.count");
    REQUIRE(emitted.size() >= 3);
    CHECK(emitted[0] == test::Emitted{0s, 0});
    CHECK(emitted[1] == test::Emitted{1s, 2});
    double all = 0;
    for (const auto& [start, value] : emitted) {
        all += value;
        CHECK((start >= 5s || value == 2 || start == 0s));
    }
    CHECK(all == 3);
    CHECK(latency.stats().smeared == 1);
    for (const auto& bucket : latency.window()) {
        CHECK((bucket.value.count() != 2 || bucket.state == BucketState::smeared));
    }
}

TEST_CASE("a suspended distribution writes nothing, and carries new values over to its resume") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<distribution> latency{"latency", {.fields = {Field::count}, .quantiles = {}, .clock = &clock}};
    latency.record(1);
    latency.suspend();
    clock.advance(2s);
    latency.record(2);
    clock.advance(2s);
    latency.resume();
    clock.advance(2s);
    latency.dump(memory);
    CHECK(test::emitted(memory, "latency.count") == std::vector<test::Emitted>{{0s, 1}, {4s, 1}, {5s, 0}});
    CHECK(latency.stats().carried == 1);
}

TEST_CASE("a cleared distribution forgets its values, and counts the unwritten ones") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<distribution> latency{"latency", {.clock = &clock}};
    latency.record(1);
    clock.advance(1s);
    latency.record(2);
    latency.record(2);
    latency.clear();
    CHECK(latency.stats().counts_cleared == 3);
    latency.record(7);
    clock.advance(1s);
    latency.dump(memory);
    CHECK(lines(memory) ==
          Lines{"latency.count@1000=1", "latency.sum@1000=7", "latency.max@1000=7", "latency.p99@1000=7"});
}

TEST_CASE("a transmitter that takes only some points of a bucket gets the others, once") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    /// Accepts a random number of points.
    struct Moody : tickertape::Transmitter {
        Outcome publish(std::span<const Point> points) override {
            const std::size_t taken = test::up_to(random, points.size());
            for (const Point& point : points.first(taken)) {
                memory.publish({&point, 1});
            }
            return {.retry_from = taken};
        }
        Memory memory;
        test::Random random;
    };
    ManualClock clock{test::epoch};
    Moody moody;
    Memory whole;
    moody.random.seed(seed);
    MetricCounter<distribution> latency{"latency", {.clock = &clock}};
    MetricCounter<distribution> same{"same", {.clock = &clock}};
    for (int i = 0; i < 200; ++i) {
        for (std::size_t left = test::up_to(random, 3); left > 0; --left) {
            latency.record(i);
            same.record(i);
        }
        clock.advance(1s);
        if (i % 7 == 0) {
            latency.dump(moody);
        }
        same.dump(whole);
    }
    for (int i = 0; i < 1000; ++i) {
        latency.dump(moody);
    }
    Lines expected = lines(whole);
    for (std::string& line : expected) {
        line.replace(0, 4, "latency");
    }
    CHECK(lines(moody.memory) == expected);
    CHECK(latency.stats().buckets_lost == 0);
}

TEST_CASE("the ring of a distribution takes 32 kB at most where values span a factor of 100") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter<distribution> latency{"latency", {.clock = &clock}};
    const autodump dump{std::ref(memory), latency};
    const auto& state = static_cast<const tickertape::counter::DistributionState&>(*latency.state());
    std::size_t most = 0;
    for (int second = 0; second < 200; ++second) {
        for (int i = 0; i < 10'000; ++i) {
            latency.record(std::pow(10, std::uniform_real_distribution{-3.0, -1.0}(random)));
        }
        clock.advance(1s);
        most = std::max(most, state.ring_bytes());
    }
    CHECK(most <= 32'000);
}

TEST_CASE("a distribution counts its undumped values at its end, and an autodump writes them") {
    ManualClock clock{test::epoch};
    const std::int64_t before = process_stats().counts_undumped;
    {
        MetricCounter<distribution> latency{"latency", {.clock = &clock}};
        latency.record(1);
        clock.advance(1s);
        latency.record(1);
    }
    CHECK(process_stats().counts_undumped - before == 2);
    Memory memory;
    {
        MetricCounter<distribution> latency{"latency", {.clock = &clock}};
        const autodump dump{std::ref(memory), latency};
        latency.record(1);
        clock.advance(1s);
        latency.record(4);
    }
    CHECK(test::sum(memory, "latency.count") == 2);
    CHECK(process_stats().counts_undumped - before == 2);
}

TEST_CASE("a distribution that is moved goes on in the other") {
    ManualClock clock{test::epoch};
    MetricCounter<distribution> first{"latency", {.clock = &clock}};
    first.record(1);
    MetricCounter<distribution> second{std::move(first)};
    second.record(2);
    CHECK(second.window().merged().count() == 2);
}
