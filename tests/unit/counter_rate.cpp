// SPDX-License-Identifier: MIT
// MetricCounter<rate>: the values of its buckets, the written points, and the statistics.
#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <range/v3/algorithm/count_if.hpp>
#include <range/v3/algorithm/max.hpp>
#include <range/v3/iterator/concepts.hpp>
#include <range/v3/numeric/accumulate.hpp>
#include <range/v3/range/conversion.hpp>
#include <range/v3/view/filter.hpp>
#include <range/v3/view/transform.hpp>

#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using test::emitted;
using test::Emitted;
using test::sum;
using tickertape::autodump;
using tickertape::Bucket;
using tickertape::BucketState;
using tickertape::CounterOptions;
using tickertape::Fold;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::Outcome;
using tickertape::Point;
using tickertape::process_stats;
using tickertape::rate;
using tickertape::UsageError;
using tickertape::testkit::ManualClock;

namespace {

using All = std::vector<Emitted>;

std::vector<BucketState> states(const tickertape::Window<std::int64_t>& window) {
    return window | ranges::views::transform([](const auto& bucket) { return bucket.state; }) | ranges::to<std::vector>;
}

std::vector<std::int64_t> values(const tickertape::Window<std::int64_t>& window) {
    return window | ranges::views::transform([](const auto& bucket) { return bucket.value; }) | ranges::to<std::vector>;
}

/// Calls a function when it gets points, and then fails.
class Interrupting final : public tickertape::Transmitter {
public:
    explicit Interrupting(std::function<void()> f) : f_{std::move(f)} {}
    Outcome publish(std::span<const Point> /*points*/) override {
        f_();
        throw std::runtime_error{"interrupted"};
    }

private:
    std::function<void()> f_;
};

} // namespace

TEST_CASE("a rate's bucket holds the sum of its counts, or 0") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.inc();
    counter.add(3);
    clock.advance(2s);
    counter.add(-7);
    clock.advance(1s);
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{0s, 4}, {1s, 0}, {2s, -7}});
}

TEST_CASE("sums are 64-bit integers to their ends") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.add(INT64_MAX);
    clock.advance(1s);
    counter.add(INT64_MIN + 1);
    clock.advance(1s);
    counter.dump(memory);
    REQUIRE(memory.size() == 2);
    CHECK(memory.points()[0].value().integer() == INT64_MAX);
    CHECK(memory.points()[1].value().integer() == INT64_MIN + 1);
}

TEST_CASE("a dump emits complete buckets once and in order, with its series and tags") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.tags = {{"service", "ssh"}}, .clock = &clock}};
    counter.inc();
    CHECK(counter.dump(memory) == 0); // the bucket is still open
    clock.advance(999ms);
    CHECK(counter.dump(memory) == 0);
    clock.advance(1ms);
    counter.add(2);
    CHECK(counter.dump(memory) == 1);
    CHECK(counter.dump(memory) == 0);
    clock.advance(1s);
    CHECK(counter.dump(memory) == 1);
    CHECK(emitted(memory, "counts") == All{{0s, 1}, {1s, 2}});
    CHECK(memory.points().front().series() == counter.series());
}

TEST_CASE("a dump takes any number of buckets") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 10s, .granularity = 1ms, .clock = &clock}};
    for (int i = 0; i < 10'000; ++i) {
        counter.add(i);
        clock.advance(1ms);
    }
    CHECK(counter.dump(memory) == 10'000);
    CHECK(memory.publishes() == 3); // in parts, and no empty one
    const All all = emitted(memory, "counts");
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i] != Emitted{i * 1ms, static_cast<double>(i)}) {
            FAIL("bucket " << i);
        }
    }
}

TEST_CASE("buckets start at multiples of the granularity since 1970") {
    ManualClock clock{test::epoch + 3s};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 70s, .granularity = 7s, .clock = &clock}};
    clock.advance(20s);
    counter.dump(memory);
    REQUIRE(memory.size() > 0);
    for (const Point& point : memory.points()) {
        CHECK(point.time().time_since_epoch() % 7s == 0s);
    }
}

TEST_CASE("a first bucket that began before the counter is never 0, but its counts are written") {
    ManualClock clock{test::epoch + 500ms};
    Memory memory;
    MetricCounter silent{"silent", {.clock = &clock}};
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.inc();
    clock.advance(1500ms);
    silent.dump(memory);
    counter.dump(memory);
    CHECK(emitted(memory, "silent") == All{{1s, 0}});
    CHECK(emitted(memory, "counts") == All{{0s, 1}, {1s, 0}});
}

TEST_CASE("a first bucket that began before the counter is never 0 when its tick is late, either") {
    ManualClock clock{test::epoch + 500ms};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    clock.stall(2500ms);
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{1s, 0}, {2s, 0}});
}

TEST_CASE("after a gap the first bucket is never 0 when its tick is late, either") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    clock.advance(1s);
    counter.dump(memory);
    clock.suspend(10min + 500ms);
    clock.tick(); // in the middle of bucket 601
    clock.stall(2500ms);
    counter.dump(memory);
    for (const auto& [time, value] : emitted(memory, "counts")) {
        CHECK((time < 1s || time > 601s)); // neither during the sleep nor in the half buckets before and after it
    }
}

TEST_CASE("a window is the last timespan and the running bucket, each with its state") {
    ManualClock clock{test::epoch + 500ms};
    MetricCounter counter{"counts", {.timespan = 3s, .granularity = 1s, .clock = &clock}};
    CHECK(states(counter.window()) == std::vector{BucketState::partial});
    counter.add(1);
    clock.advance(500ms);
    counter.add(2);
    clock.advance(1s);
    counter.add(3);
    CHECK(values(counter.window()) == std::vector<std::int64_t>{1, 2, 3});
    CHECK(states(counter.window()) == std::vector{BucketState::partial, BucketState::full, BucketState::partial});
    clock.stall(2s);
    clock.tick();
    counter.add(4);
    const auto window = counter.window();
    CHECK(values(window) == std::vector<std::int64_t>{2, 1, 2, 4});
    CHECK(states(window) ==
          std::vector{BucketState::full, BucketState::smeared, BucketState::smeared, BucketState::partial});
    CHECK(window[0] == Bucket<std::int64_t>{test::epoch + 1s, 2, BucketState::full});
}

TEST_CASE("a window is a range") {
    using Window = tickertape::Window<std::int64_t>;
    static_assert(ranges::random_access_range<Window>);
    static_assert(ranges::sized_range<Window>);
    static_assert(ranges::view_<Window>);
    ManualClock clock{test::epoch};
    MetricCounter counter{"counts", {.clock = &clock}};
    for (int i = 1; i <= 3; ++i) {
        counter.add(i);
        clock.advance(1s);
    }
    auto doubled = counter.window() | ranges::views::filter([](const auto& bucket) { return bucket.value > 1; }) |
                   ranges::views::transform([](const auto& bucket) { return 2 * bucket.value; });
    counter.add(100); // the snapshot does not change, and outlives the temporary
    CHECK((doubled | ranges::to<std::vector>) == std::vector<std::int64_t>{4, 6});
    CHECK(ranges::size(counter.window()) == 4);
    CHECK(ranges::size(Window{}) == 0);
    CHECK(ranges::count_if(counter.window(), [](const auto& bucket) { return bucket.state == BucketState::full; }) ==
          3);
}

TEST_CASE("any range algorithm summarizes") {
    ManualClock clock{test::epoch};
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.add(5);
    clock.advance(1s);
    counter.add(2);
    CHECK(counter.summarize(ranges::max) == 5);
    CHECK(counter.summarize([](const auto& range) { return ranges::accumulate(range, std::int64_t{0}); }) == 7);
    CHECK(counter.summarize(ranges::size) == 2);
}

TEST_CASE("summaries leave out absent buckets") {
    ManualClock clock{test::epoch};
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.add(5);
    counter.suspend();
    clock.advance(3s);
    CHECK(counter.summarize(ranges::size) == 1);
    clock.advance(1min);
    CHECK(counter.summarize(ranges::size) == 0);
}

TEST_CASE("a suspended counter emits nothing, and no 0 for a bucket observed in part") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    clock.advance(1500ms);
    counter.suspend();
    clock.advance(3s); // to 4.5
    counter.resume();
    clock.advance(2s);
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{0s, 0}, {5s, 0}});
}

TEST_CASE("counts before a suspension and after it are written in their buckets") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.inc();
    counter.suspend();
    clock.advance(2500ms);
    counter.resume();
    counter.add(2);
    clock.advance(500ms);
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{0s, 1}, {2s, 2}});
}

TEST_CASE("counts made while suspended are carried, once, to where they can be written") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.suspend();
    clock.advance(1s);
    counter.add(5);
    clock.advance(3s);
    counter.dump(memory);
    CHECK(memory.size() == 0);
    CHECK(counter.stats().carried == 5);
    counter.resume();
    counter.inc();
    clock.advance(1s);
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{4s, 6}});
    CHECK(counter.stats().carried == 5);
}

TEST_CASE("a suspension between two ticks leaves no false 0") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    clock.stall(1500ms);
    counter.suspend();
    clock.stall(3s); // to 4.5, without a tick
    counter.resume();
    clock.stall(1500ms);
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{0s, 0}, {5s, 0}});
}

TEST_CASE("counts over missed ticks are spread in whole numbers that keep the sum") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.add(7);
    clock.stall(3s);
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{0s, 2}, {1s, 2}, {2s, 3}});
    CHECK(counter.stats().smeared == 3);
    counter.add(-7);
    clock.stall(3s);
    counter.dump(memory);
    CHECK(sum(memory, "counts") == 0);
}

TEST_CASE("cleared values are forgotten, and counted") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.add(1);
    clock.advance(1s);
    counter.dump(memory);
    counter.add(20);
    clock.advance(1s);
    counter.add(300);
    counter.clear();
    CHECK(values(counter.window()) == std::vector<std::int64_t>{0});
    counter.dump(memory);
    counter.add(4000);
    clock.advance(1s);
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{0s, 1}, {2s, 4000}});
    CHECK(counter.stats().counts_cleared == 320);
}

TEST_CASE("a clearing leaves no false 0 for the bucket it falls into, nor for those before") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.add(3);
    clock.stall(2500ms); // the ticks of these are still to come
    counter.clear();
    clock.stall(1500ms);
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{3s, 0}});
    CHECK(counter.stats().counts_cleared == 3);
}

TEST_CASE("a suspended counter that is cleared emits nothing") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.suspend();
    clock.advance(1s);
    counter.clear();
    counter.inc();
    clock.advance(1s);
    counter.dump(memory);
    CHECK(memory.size() == 0);
    counter.resume();
    clock.advance(1s);
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{2s, 1}});
}

TEST_CASE("buckets without a dump are pushed out of the ring, and counted") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 1s, .granularity = 1s, .clock = &clock}};
    for (int i = 0; i < 200; ++i) {
        counter.inc();
        clock.advance(1s);
    }
    CHECK(counter.stats().buckets_lost == 200 - 122);
    CHECK(counter.stats().counts_lost == 200 - 122);
    CHECK(counter.dump(memory) == 122);
    CHECK(emitted(memory, "counts").front() == Emitted{78s, 1});
    clock.advance(200s); // emitted buckets are not lost
    CHECK(counter.stats().buckets_lost == 200 - 122 + (200 - 122));
}

TEST_CASE("a ring holds two timespans and two buckets more") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 1s, .granularity = 1ms, .clock = &clock}};
    counter.inc();
    clock.advance(2002ms);
    CHECK(counter.stats().buckets_lost == 0);
    clock.advance(1ms);
    CHECK(counter.stats().buckets_lost == 1);
    CHECK(counter.stats().counts_lost == 1);
}

TEST_CASE("more missed ticks than the ring has room for lose buckets, not the count of them") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 1s, .granularity = 1s, .clock = &clock}};
    counter.inc();
    clock.advance(1s);
    counter.add(1999);
    clock.stall(1000s);
    counter.dump(memory);
    CHECK(memory.size() == 122);
    CHECK(counter.stats().buckets_lost == 1 + 1000 - 122);
    CHECK(sum(memory, "counts") + counter.stats().counts_lost == 2000);
}

TEST_CASE("a transmitter that throws loses nothing and repeats nothing") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.add(1);
    clock.advance(1s);
    counter.add(2);
    clock.advance(1s);
    memory.fail();
    CHECK_THROWS_AS(counter.dump(memory), std::runtime_error);
    clock.advance(1s);
    CHECK(counter.dump(memory) == 3);
    CHECK(emitted(memory, "counts") == All{{0s, 1}, {1s, 2}, {2s, 0}});
}

TEST_CASE("the next dump emits points that a transmitter does not settle") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    for (int i = 0; i < 5; ++i) {
        counter.add(i);
        if (i == 2) {
            counter.suspend(); // absent ones in between
            clock.advance(3s);
            counter.resume();
        }
        clock.advance(1s);
    }
    memory.take_only(2);
    CHECK(counter.dump(memory) == 2);
    memory.take_only(0);
    CHECK(counter.dump(memory) == 0);
    memory.take_only(1);
    CHECK(counter.dump(memory) == 1);
    CHECK(counter.dump(memory) == 3 - 1);
    CHECK(sum(memory, "counts") == 10);
    CHECK(test::in_order(memory, "counts"));
}

TEST_CASE("points that are rejected for good are settled") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    clock.advance(3s);
    memory.reject([](const Point& point) {
        return point.time() == test::epoch + 1s ? std::optional{tickertape::Reason::refused} : std::nullopt;
    });
    CHECK(counter.dump(memory) == 3);
    CHECK(counter.dump(memory) == 0);
    CHECK(emitted(memory, "counts") == All{{0s, 0}, {2s, 0}});
}

TEST_CASE("buckets that the ring pushes out while a transmitter fails are counted") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 1s, .granularity = 1s, .clock = &clock}};
    for (int i = 0; i < 10; ++i) {
        counter.inc();
        clock.advance(1s);
    }
    std::chrono::seconds pause{0};
    Interrupting slow{[&] { clock.advance(pause); }};
    SECTION("in part") { pause = 117s; }
    SECTION("all of it and more") { pause = 150s; }
    CHECK_THROWS(counter.dump(slow));
    counter.dump(memory);
    CHECK(sum(memory, "counts") + counter.stats().counts_lost == 10);
    CHECK(memory.size() == 122);
    CHECK(counter.stats().buckets_lost == static_cast<std::uint64_t>((10s + pause) / 1s - 122));
}

TEST_CASE("buckets that another dump overtakes while a transmitter fails are counted") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.add(3);
    clock.advance(1s);
    Interrupting overtaken{[&] {
        counter.add(4);
        clock.advance(1s);
        counter.dump(memory);
    }};
    CHECK_THROWS(counter.dump(overtaken));
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{1s, 4}});
    CHECK(counter.stats().counts_lost == 3);
    CHECK(counter.stats().buckets_lost == 1);
}

TEST_CASE("a clearing while a transmitter fails is final") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.add(3);
    clock.advance(1s);
    Interrupting cleared{[&] { counter.clear(); }};
    CHECK_THROWS(counter.dump(cleared));
    clock.advance(1s);
    counter.dump(memory);
    CHECK(sum(memory, "counts") == 0);
    CHECK(counter.stats().counts_cleared + counter.stats().counts_lost == 3);
}

TEST_CASE("errors of construction are sentences that name the counter and the value") {
    ManualClock clock{test::epoch};
    const auto fails = [&](const CounterOptions& options, const std::string& sentence) {
        CHECK_THROWS_WITH((MetricCounter{"counts", options}),
                          ContainsSubstring(sentence) && ContainsSubstring("counts"));
        CHECK_THROWS_AS((MetricCounter{"counts", options}), UsageError);
    };
    fails({.granularity = 0ms, .clock = &clock}, "the granularity 0 ms is too fine; the finest is 1 ms");
    fails({.granularity = -1s, .clock = &clock}, "the granularity -1000 ms is too fine");
    fails({.timespan = 10s, .granularity = 3s, .clock = &clock},
          "the timespan 10000 ms is no multiple of the granularity 3000 ms");
    fails({.timespan = 1s, .granularity = 2s, .clock = &clock},
          "the timespan 1000 ms is no multiple of the granularity");
    fails({.timespan = 0s, .clock = &clock}, "the timespan 0 ms is no multiple of the granularity");
    fails({.hold_at_most = -1s, .clock = &clock}, "hold_at_most is negative: -1000 ms");
    fails({.hold_at_most = 1s, .clock = &clock}, "fold and hold_at_most are for stocks");
    fails({.fold = Fold::max, .clock = &clock}, "fold and hold_at_most are for stocks");
    CHECK(process_stats().living_counters == 0);
}

TEST_CASE("two living counters of one series are an error") {
    ManualClock clock{test::epoch};
    std::optional<MetricCounter<rate>> first;
    first.emplace(std::string_view{"counts"}, CounterOptions{.clock = &clock});
    CHECK_THROWS_WITH((MetricCounter<rate>{"counts", {.clock = &clock}}),
                      ContainsSubstring("a living counter 'counts"));
    CHECK_THROWS_AS((MetricCounter<tickertape::stock>{"counts", {.clock = &clock}}), UsageError);
    const MetricCounter<rate> other{"counts", {.tags = {{"a", "b"}}, .clock = &clock}}; // another series
    first.reset();
    CHECK_NOTHROW(MetricCounter<rate>{"counts", {.clock = &clock}});
}

TEST_CASE("a counter may be moved, and goes on where it was") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter first{"counts", {.clock = &clock}};
    autodump dump{memory, first};
    first.inc();
    MetricCounter second{std::move(first)};
    second.inc();
    std::vector<MetricCounter<rate>> counters;
    counters.push_back(std::move(second));
    counters.front().inc();
    dump.finish();
    CHECK(sum(memory, "counts") == 3);
    CHECK(process_stats().living_counters == 1);
}

TEST_CASE("assigning to a counter ends the one that it was") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter first{"first", {.clock = &clock}};
    MetricCounter second{"second", {.clock = &clock}};
    autodump dump{memory, first, second};
    first.add(1);
    second.add(2);
    first = std::move(second);
    first.add(4);
    CHECK(process_stats().living_counters == 1);
    CHECK(first.series().metric() == "second");
    auto& same = first;
    first = std::move(same);
    first.add(8);
    dump.finish();
    CHECK(sum(memory, "first") == 1);
    CHECK(sum(memory, "second") == 14);
}

TEST_CASE("a counter destroyed without a dump reports its counts as undumped") {
    const test::Undumped undumped;
    ManualClock clock{test::epoch};
    {
        MetricCounter counter{"counts", {.clock = &clock}};
        counter.add(5);
        clock.advance(2s);
        counter.add(6);
    }
    CHECK(undumped() == 11);
}

TEST_CASE("autodump emits once per timespan, at its end") {
    ManualClock clock{test::epoch + 2s};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 5s, .granularity = 1s, .clock = &clock}};
    const autodump dump{memory, counter};
    clock.advance(2999ms);
    CHECK(memory.size() == 0);
    clock.advance(1ms);
    CHECK(memory.size() == 3);
    clock.advance(4999ms);
    CHECK(memory.size() == 3);
    clock.advance(1ms);
    CHECK(memory.size() == 8);
    CHECK(memory.publishes() == 2);
}

TEST_CASE("autodump publishes points again that a transmitter did not take") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 5s, .granularity = 1s, .clock = &clock}};
    autodump dump{memory, counter};
    std::int64_t made = 0;
    for (int i = 0; i < 300; ++i) {
        if (i % 7 == 0) {
            memory.fail(3);
        }
        if (i % 3 == 0) {
            memory.take_only(static_cast<std::size_t>(i % 4));
        }
        counter.add(i);
        made += i;
        clock.advance(1s);
    }
    CHECK(dump.finish().complete);
    CHECK(dump.report().failures > 0);
    CHECK(dump.report().accepted == 300 + 1); // and the bucket at whose end it stopped
    CHECK(sum(memory, "counts") == made);
    CHECK(test::in_order(memory, "counts"));
}

TEST_CASE("a counter destroyed inside an autodump emits its buckets, including the running one") {
    const test::Undumped undumped;
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter other{"other", {.clock = &clock}};
    std::optional<MetricCounter<rate>> counter{std::in_place, std::string_view{"counts"},
                                               CounterOptions{.clock = &clock}};
    autodump dump{memory, other, *counter};
    counter->add(1);
    clock.advance(1500ms);
    counter->add(2);
    counter.reset();
    dump.finish();
    CHECK(emitted(memory, "counts") == All{{0s, 1}, {1s, 2}});
    CHECK(undumped() == 0);
}

TEST_CASE("counters of one series that follow each other in one bucket write it once") {
    const test::Undumped undumped;
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter other{"other", {.clock = &clock}};
    autodump dump{memory};
    for (int i = 0; i < 4; ++i) {
        MetricCounter counter{"counts", {.clock = &clock}};
        counter.add(1);
    }
    dump.finish();
    CHECK(emitted(memory, "counts") == All{{0s, 1}});
    CHECK(undumped() == 3);
}

TEST_CASE("a counter of a series that is gone carries over the bucket that was cut short") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter other{"other", {.clock = &clock}};
    autodump dump{memory};
    {
        MetricCounter{"counts", {.clock = &clock}}.add(1);
    }
    MetricCounter counter{"counts", {.clock = &clock}};
    counter.add(2);
    clock.advance(1s);
    CHECK(counter.stats().carried == 2);
    dump.finish();
    CHECK(emitted(memory, "counts") == All{{0s, 1}, {1s, 2}});
}

TEST_CASE("a running bucket of at most 1 s is waited for at the end") {
    ManualClock clock{test::epoch + 300ms};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    autodump dump{memory, counter};
    counter.add(5);
    CHECK(dump.finish().complete);
    CHECK(clock.read().wall == test::epoch + 1s);
    CHECK(emitted(memory, "counts") == All{{0s, 5}});
}

TEST_CASE("a running bucket of more than 1 s is cut short at the end") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 30s, .granularity = 15s, .clock = &clock}};
    autodump dump{memory, counter};
    clock.advance(16s);
    counter.add(5);
    CHECK(dump.finish().complete);
    CHECK(clock.read().wall == test::epoch + 16s);
    CHECK(emitted(memory, "counts") == All{{0s, 0}, {15s, 5}});
    counter.add(6); // into a bucket that has been written
    clock.advance(14s + 15s);
    counter.dump(memory);
    CHECK(emitted(memory, "counts") == All{{0s, 0}, {15s, 5}, {30s, 6}});
}

TEST_CASE("a bucket of at most 1 s that begins during the last dump is left alone") {
    const test::Undumped undumped;
    // A successor of this process may write it.
    class Recording final : public tickertape::Transmitter {
    public:
        Recording(Memory& memory, MetricCounter<rate>& counter) : memory_{&memory}, counter_{&counter} {}
        Outcome publish(std::span<const Point> points) override {
            counter_->inc();
            return memory_->publish(points);
        }

    private:
        Memory* memory_;
        MetricCounter<rate>* counter_;
    };
    ManualClock clock{test::epoch};
    Memory memory;
    {
        MetricCounter counter{"counts", {.clock = &clock}};
        autodump dump{Recording{memory, counter}, counter};
        counter.add(5);
        clock.advance(300ms);
        CHECK(dump.finish().complete);
        CHECK(emitted(memory, "counts") == All{{0s, 5}});
    }
    CHECK(undumped() == 1);
}

TEST_CASE("the last bucket is cut short, not lost, if the clock is a moment before its end") {
    class SteppingBack final : public tickertape::Transmitter {
    public:
        SteppingBack(Memory& memory, ManualClock& clock) : memory_{&memory}, clock_{&clock} {}
        Outcome publish(std::span<const Point> points) override {
            clock_->step(-1ms);
            return memory_->publish(points);
        }

    private:
        Memory* memory_;
        ManualClock* clock_;
    };
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    autodump dump{SteppingBack{memory, clock}, counter};
    clock.advance(1300ms);
    counter.add(5);
    CHECK(dump.finish().complete);
    CHECK(emitted(memory, "counts") == All{{0s, 0}, {1s, 5}});
}

TEST_CASE("an autodump of an empty range of counters takes none") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    std::vector<MetricCounter<rate>> none;
    autodump dump{memory, none};
    counter.inc();
    clock.advance(1min);
    dump.finish();
    CHECK(memory.size() == 0);
}

TEST_CASE("a counter belongs to one autodump at most") {
    ManualClock clock{test::epoch};
    ManualClock another_clock;
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    MetricCounter elsewhere{"elsewhere", {.clock = &another_clock}};
    CHECK_THROWS_WITH((autodump{memory, counter, elsewhere}),
                      ContainsSubstring("'elsewhere") && ContainsSubstring("another clock"));
    {
        const autodump dump{memory, counter, counter}; // a repeated name counts once
        CHECK_THROWS_WITH((autodump{memory, counter}),
                          ContainsSubstring("'counts") && ContainsSubstring("belongs to an autodump"));
    }
    CHECK_NOTHROW(autodump{memory, counter});
}

TEST_CASE("whatever happens to a counter, its counts are emitted or counted as an exception") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int round = 0; round < 100; ++round) {
        ManualClock clock{test::epoch + std::chrono::milliseconds{test::up_to(random, 3000)}};
        Memory memory;
        const std::int64_t undumped_before = process_stats().counts_undumped;
        const std::chrono::milliseconds granularity = std::vector{1ms, 100ms, 1000ms, 15000ms}[test::up_to(random, 3)];
        std::int64_t made = 0;
        tickertape::CounterBase::Stats stats;
        const bool has_autodump = test::once_in(random, 2);
        const bool has_dump = !has_autodump || test::once_in(random, 2);
        {
            std::optional<MetricCounter<rate>> counter{
                std::in_place, std::string_view{"counts"},
                CounterOptions{.timespan = granularity * 5, .granularity = granularity, .clock = &clock}};
            std::optional<autodump> dump;
            if (has_autodump) {
                dump.emplace(memory, *counter);
            }
            const auto some_time = [&] { return granularity * static_cast<int>(test::up_to(random, 3000)) / 1000; };
            for (int i = 0; i < 150; ++i) {
                switch (test::up_to(random, 11)) {
                case 0: clock.stall(some_time()); break;
                case 1: clock.stall(test::once_in(random, 10) ? 400 * granularity : some_time()); break;
                case 2: counter->suspend(); break;
                case 3: counter->resume(); break;
                case 4: test::once_in(random, 4) ? counter->clear() : counter->resume(); break;
                case 5: // never so far back that timestamps may repeat
                    clock.step(some_time() - (granularity <= 1s ? some_time() : granularity.zero()));
                    break;
                case 6: memory.take_only(test::up_to(random, 3)); break;
                case 7: memory.fail(); break;
                case 8:
                    try {
                        if (has_dump) {
                            counter->dump(memory);
                        }
                    } catch (const std::runtime_error&) { // the transmitter throws on purpose
                    }
                    break;
                case 9: clock.advance(some_time()); break;
                default:
                    const auto n = static_cast<std::int64_t>(test::up_to(random, 20)) - 5;
                    counter->add(n);
                    made += n;
                }
            }
            counter->resume();
            memory.fail(0);
            if (has_dump && test::once_in(random, 2)) {
                dump.reset();
                memory.take_only(100'000);
                clock.advance(2 * granularity + 1min);
                counter->dump(memory);
            }
            const MetricCounter<rate> moved{std::move(*counter)};
            counter.reset();
            stats = moved.stats();
        }
        const std::int64_t undumped = process_stats().counts_undumped - undumped_before;
        CAPTURE(round, granularity.count(), stats.counts_lost, stats.counts_cleared, undumped);
        REQUIRE(sum(memory, "counts") + stats.counts_lost + stats.counts_cleared + undumped == made);
        // A point that one dump holds back and tries again may arrive after points of the other dump.
        REQUIRE(((has_autodump && has_dump) || test::in_order(memory, "counts")));
    }
}
