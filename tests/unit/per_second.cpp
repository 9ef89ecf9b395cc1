// SPDX-License-Identifier: MIT
// PerSecond: the events of a second become the one value that a TSD keeps.
#include <tickertape/per_second.hpp>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <tickertape/testkit/memory.hpp>

#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/progress.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using test::epoch;
using testkit::ManualClock;

namespace {

Series series(SeriesOptions::Merge merge, Name metric = "m", const Tags& tags = {}) {
    return Series{metric, tags, {.merge = merge}};
}

/// Returns `metric@second=value` for each point, with seconds since the epoch of tests.
std::string text(const Memory& memory) {
    std::string all;
    for (const Point& point : memory.points()) {
        const auto second = std::chrono::duration_cast<std::chrono::seconds>(point.time() - epoch);
        CHECK(epoch + second == point.time());
        all.append(all.empty() ? "" : " ").append(point.series().metric()).append("@");
        all.append(std::to_string(second.count())).append("=").append(to_string(point.value()));
    }
    return all;
}

/// A stage on its own clock; values come at the time of that clock.
struct Stage {
    explicit Stage(PerSecondOptions options = {}) {
        options.clock = &clock;
        stage.emplace(memory, options);
    }
    Outcome add(const Series& series, Value value) { return add_at(clock.read().wall, series, value); }
    Outcome add_at(WallTime time, const Series& series, Value value) {
        const Point point{series, time, value};
        return stage->publish({&point, 1});
    }

    ManualClock clock{epoch};
    Memory memory;
    std::optional<PerSecond> stage;
};

} // namespace

TEST_CASE("per second: counts are added up, and sent when their second is over") {
    Stage t;
    const Series requests = series(SeriesOptions::Merge::sum);
    t.add(requests, 1);
    t.clock.advance(999ms);
    t.add(requests, 1);
    t.add(requests, -3);
    CHECK(text(t.memory).empty());
    t.clock.advance(100ms);
    CHECK(text(t.memory) == "m@0=-1");
    t.clock.advance(3s);
    t.add(requests, 7);
    t.clock.advance(1s);
    CHECK(text(t.memory) == "m@0=-1 m@4=7");
}

TEST_CASE("per second: of readings the last counts, of timings number, sum and the largest") {
    Stage t;
    const Series cache = series(SeriesOptions::Merge::last, "cache");
    const Series work = series(SeriesOptions::Merge::timing, "work", {{"step", "x"}});
    t.add(cache, 3);
    t.add(cache, 5);
    t.add(cache, 4);
    t.add(work, 0.25);
    t.add(work, 1.5);
    t.add(work, 0.5);
    t.clock.advance(2s);
    CHECK(text(t.memory) == "cache@0=4 work.count@0=3 work.sum@0=2.25 work.max@0=1.5");
    CHECK(t.memory.points()[2].series() == Series{"work.sum", {{"step", "x"}}});
}

TEST_CASE("per second: points that are no events pass as they are") {
    Stage t;
    t.add_at(epoch + 250ms, Series{"m"}, 1);
    t.add_at(epoch + 250ms, Series{"m"}, 2);
    t.clock.advance(2s);
    REQUIRE(t.memory.size() == 2);
    CHECK(t.memory.points()[1] == Point{Series{"m"}, epoch + 250ms, 2});
}

TEST_CASE("per second: a value that comes after its second was sent counts in the next, so that no timestamp repeats") {
    Stage t;
    const Series requests = series(SeriesOptions::Merge::sum, "requests");
    const Series cache = series(SeriesOptions::Merge::last, "cache");
    t.add(requests, 1);
    t.add(cache, 1);
    t.clock.advance(1100ms);
    t.add_at(epoch + 999ms, requests, 10); // its second has been sent
    t.add(cache, 2);
    t.add_at(epoch + 999ms, cache, 99); // older than all known seconds
    t.add(requests, 100);
    t.clock.advance(1s);
    CHECK(text(t.memory) == "requests@0=1 cache@0=1 requests@1=110 cache@1=2");
    CHECK(t.stage->stats().late == 2);
}

TEST_CASE("per second: after a flush in the middle of a second the rest of it counts in the next") {
    Stage t;
    const Series requests = series(SeriesOptions::Merge::sum);
    t.add(requests, 1);
    CHECK(t.stage->flush(SteadyTime::max()));
    CHECK(text(t.memory) == "m@0=1");
    t.add(requests, 2);
    CHECK(t.stage->flush(SteadyTime::max()));
    t.clock.advance(1s);
    t.add(requests, 4);
    t.clock.advance(5s);
    CHECK(text(t.memory) == "m@0=1 m@1=2 m@2=4");
    CHECK(t.memory.flushes() == 2);
}

TEST_CASE("per second: many flushes in a second move timestamps ahead of time, but not so far that they start anew") {
    Stage t;
    const Series requests = series(SeriesOptions::Merge::sum);
    int flushed = 0;
    for (int i = 0; i < 200; ++i) {
        t.add(requests, 1);
        flushed += t.stage->flush(SteadyTime::max()) ? 1 : 0;
    }
    CHECK(flushed == 31);
    CHECK(test::sum(t.memory, "m") == 31);
    t.clock.advance(1s); // one more timestamp is allowed
    t.add(requests, 1);
    CHECK(t.stage->flush(SteadyTime::max()));
    CHECK(test::sum(t.memory, "m") == 201);
    CHECK(test::in_order(t.memory, "m"));
    CHECK(t.stage->stats().reanchored == 0);
}

TEST_CASE("per second: at the end the running second is sent") {
    Stage t;
    t.add(series(SeriesOptions::Merge::sum), 1);
    t.add(series(SeriesOptions::Merge::sum), 1);
    t.stage.reset();
    CHECK(text(t.memory) == "m@0=2");
}

TEST_CASE("per second: a clock that is set back by up to a minute repeats no timestamp and loses no count") {
    Stage t;
    const Series requests = series(SeriesOptions::Merge::sum);
    for (int i = 0; i < 100; ++i) {
        t.add(requests, 1);
        t.clock.advance(100ms);
        if (i == 49) {
            t.clock.step(-3s);
        }
    }
    t.clock.advance(10s);
    CHECK(test::sum(t.memory, "m") == 100);
    CHECK(test::in_order(t.memory, "m"));
    CHECK(t.stage->stats().late > 0);
    CHECK(t.stage->stats().reanchored == 0);
}

TEST_CASE("per second: after a larger step back of the clock held values are sent and timestamps start anew") {
    Stage t;
    const Series requests = series(SeriesOptions::Merge::sum);
    t.add(requests, 1);
    t.clock.step(-1h);
    t.clock.advance(1500ms);
    CHECK(text(t.memory) == "m@0=1");
    t.add(requests, 2);
    t.add(requests, 3);
    t.clock.advance(1s);
    CHECK(text(t.memory) == "m@0=1 m@-3599=5");
    CHECK(t.stage->stats().reanchored == 1);
}

TEST_CASE("per second: a clock that is set forward leaves a gap") {
    Stage t;
    const Series requests = series(SeriesOptions::Merge::sum);
    t.add(requests, 1);
    t.clock.step(1h);
    t.add(requests, 2);
    t.clock.advance(2s);
    CHECK(text(t.memory) == "m@0=1 m@3600=2");
}

TEST_CASE(
    "per second: a sum of integers stays an integer within 64 bits, and a sum beyond the range of double is left out") {
    Stage t;
    const Series requests = series(SeriesOptions::Merge::sum);
    t.add(requests, std::numeric_limits<std::int64_t>::max() - 1);
    t.add(requests, 1);
    t.clock.advance(1s);
    t.add(requests, std::numeric_limits<std::int64_t>::max());
    t.add(requests, std::numeric_limits<std::int64_t>::max());
    t.clock.advance(1s);
    t.add(requests, 1e308);
    t.add(requests, 1e308);
    t.clock.advance(2s);
    CHECK(text(t.memory) == "m@0=9223372036854775807 m@1=1.8446744073709552e+19");
    CHECK(t.stage->stats().not_finite == 1);
}

TEST_CASE("per second: points that the inner transmitter does not take are kept in order up to a limit") {
    Stage t{{.max_held = 3}};
    const Series requests = series(SeriesOptions::Merge::sum);
    t.memory.fail(5);
    for (int i = 0; i < 5; ++i) {
        t.add(requests, i);
        t.clock.advance(1s);
    }
    CHECK(t.memory.size() == 0);
    t.memory.take_only(1);
    t.clock.advance(2s);
    CHECK(text(t.memory) == "m@2=2 m@3=3 m@4=4");
    const PerSecond::Stats stats = t.stage->stats();
    CHECK(stats.values == 5);
    CHECK(stats.sent == 3);
    CHECK(stats.dropped == 2);
    CHECK(stats.held == 0);
}

TEST_CASE("per second: flush fails when the inner transmitter fails or is closed") {
    Stage t;
    t.add(series(SeriesOptions::Merge::sum), 1);
    t.memory.fail();
    CHECK_FALSE(t.stage->flush(SteadyTime::max()));
    t.memory.fail_flushes();
    CHECK_FALSE(t.stage->flush(SteadyTime::max()));
    CHECK(t.stage->flush(SteadyTime::max()));
    CHECK(text(t.memory) == "m@0=1");
    t.memory.close();
    t.add(series(SeriesOptions::Merge::sum), 1);
    CHECK_FALSE(t.stage->flush(SteadyTime::max()));
    CHECK(t.stage->stats().dropped == 1);
}

TEST_CASE("per second: series are bounded, and those without a value make room") {
    Stage t{{.max_series = 2}};
    const auto numbered = [](int i) {
        return series(SeriesOptions::Merge::sum, std::string_view{"m" + std::to_string(i)});
    };
    t.add(numbered(0), 1);
    t.add(numbered(1), 1);
    CHECK(t.add(numbered(2), 1).rejected == std::vector<Outcome::Rejection>{{0, Reason::over_limit}});
    t.add(numbered(1), 1);
    t.clock.advance(1200ms);
    CHECK(t.add(numbered(2), 1).rejected.empty());
    t.clock.advance(1s);
    CHECK(text(t.memory) == "m0@0=1 m1@0=2 m2@1=1");
    CHECK(t.stage->stats().over_limit == 1);
}

TEST_CASE("per second: a series that made room for another repeats no second that it was sent for") {
    Stage t{{.max_series = 2}};
    const Series first = series(SeriesOptions::Merge::sum, "first");
    t.add(first, 1);
    t.add(series(SeriesOptions::Merge::sum, "second"), 1);
    t.clock.advance(1100ms);                              // these are sent
    t.add(series(SeriesOptions::Merge::sum, "third"), 1); // and leave room
    t.add_at(epoch + 999ms, first, 1);                    // from a delayed thread
    t.clock.advance(1s);
    CHECK(text(t.memory) == "first@0=1 second@0=1 third@1=1 first@1=1");
    CHECK(t.stage->stats().late == 1);
}

TEST_CASE("per second: times near the limits of WallTime are refused, and times 5 min inside are accepted") {
    Stage t;
    const Series requests = series(SeriesOptions::Merge::sum);
    for (const WallTime time : {WallTime::min(), WallTime::min() + 1min, WallTime::max() - 1min, WallTime::max()}) {
        CHECK(t.add_at(time, requests, 1).rejected == std::vector<Outcome::Rejection>{{0, Reason::bad_time}});
    }
    for (const WallTime time : {WallTime::min() + 5min, WallTime::max() - 5min}) {
        for (int i = 0; i < 3; ++i) { // timestamps go up each time
            CHECK(t.add_at(time, requests, 1).rejected.empty());
            t.clock.advance(1s);
        }
    }
    REQUIRE(t.memory.size() == 6);
    CHECK(t.memory.points().front().time() == std::chrono::floor<std::chrono::seconds>(WallTime::min() + 5min));
    CHECK(t.memory.points().back().time() > WallTime::max() - 5min);
    CHECK(t.stage->stats().values == 6);
}

TEST_CASE("per second: the destructor flushes the inner transmitter") {
    const Memory memory;
    {
        const PerSecond stage{memory};
    }
    CHECK(memory.flushes() == 1);
}

TEST_CASE("per second: a timing whose names would be too long is rejected") {
    Stage t;
    const std::string name(max_series_text, 'x');
    CHECK(t.add(series(SeriesOptions::Merge::timing, std::string_view{name}), 1).rejected ==
          std::vector<Outcome::Rejection>{{0, Reason::line_too_long}});
    CHECK(t.add(series(SeriesOptions::Merge::sum, std::string_view{name}), 1).rejected.empty());
}

TEST_CASE("per second: options out of range are refused with a sentence") {
    CHECK_THROWS_WITH(PerSecond(Memory{}, {.max_series = 0}), "the max_series of PerSecond is 0; it is at least 1");
    CHECK_THROWS_WITH(PerSecond(Memory{}, {.max_held = 0}), "the max_held of PerSecond is 0; it is at least 1");
}

namespace {

/// Slow, failing sometimes, and calling back.
class Difficult final : public Transmitter {
public:
    Difficult(Memory memory, std::atomic<PerSecond*>& outer, const test::Progress& others, std::atomic<int>& wrong)
        : memory_{std::move(memory)}, outer_{&outer}, others_{&others}, wrong_{&wrong} {}

    Outcome publish(std::span<const Point> points) override {
        if (PerSecond* const outer = outer_->load(); outer != nullptr) {
            *wrong_ += outer->flush(SteadyTime::max()) ? 1 : 0;
            const Point own{Series{"own", {}, {.merge = SeriesOptions::Merge::sum}}, std::chrono::system_clock::now(),
                            1};
            *wrong_ += outer->publish({&own, 1}).retry_from == 1 ? 0 : 1;
        }
        others_->await_more(20);
        if (++calls_ % 3 == 0) {
            memory_.fail();
        } else if (calls_ % 3 == 1) {
            memory_.take_only(points.size() / 2 + 1);
        }
        return memory_.publish(points);
    }

private:
    Memory memory_;
    std::atomic<PerSecond*>* outer_;
    const test::Progress* others_;
    std::atomic<int>* wrong_;
    int calls_ = 0;
};

} // namespace

TEST_CASE(
    "per second: with many threads and an inner transmitter that is slow, fails and calls back, all is counted once") {
    constexpr int threads = 4;
    constexpr int each = 5'000;
    Memory memory;
    std::atomic<PerSecond*> outer{nullptr};
    std::atomic<int> wrong{0};
    test::Progress progress;
    {
        PerSecond stage{Difficult{memory, outer, progress, wrong}};
        outer = &stage;
        test::on_threads(threads, [&](int i) {
            const Series mine{
                "mine", {{"thread", std::string_view{std::to_string(i)}}}, {.merge = SeriesOptions::Merge::sum}};
            const Series common{"common", {}, {.merge = SeriesOptions::Merge::sum}};
            for (int n = 0; n < each; ++n) {
                const WallTime now = std::chrono::system_clock::now();
                const std::vector<Point> both{{mine, now, 1}, {common, now, 1}};
                wrong += stage.publish(both).rejected.empty() ? 0 : 1;
                progress.step();
                if (n % 500 == 0) {
                    static_cast<void>(stage.flush(std::chrono::steady_clock::now() + 20ms));
                }
            }
            progress.end(); // a caller that is in the stage now may be the last
        });
        outer = nullptr;
        while (!stage.flush(std::chrono::steady_clock::now() + 20s)) {
        }
        const PerSecond::Stats stats = stage.stats();
        CHECK(stats.held == 0);
        CHECK(stats.dropped == 0);
        CHECK(stats.sent == memory.size());
    }
    CHECK(wrong == 0);
    CHECK(test::sum(memory, "common") == threads * each);
    CHECK(test::sum(memory, "mine") == threads * each);
    CHECK(test::in_order(memory, "common"));
}
