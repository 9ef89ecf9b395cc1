// SPDX-License-Identifier: MIT
// Telemeter: each call of an application arrives once.
#include <tickertape/telemeter.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <tickertape/autodump.hpp>
#include <tickertape/discard.hpp>
#include <tickertape/testkit/memory.hpp>

#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/counting.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using test::epoch;
using testkit::ManualClock;

namespace {

SteadyTime soon() { return std::chrono::steady_clock::now() + 60s; }

/// Returns the received points, each as `series value`.
std::vector<std::string> texts(const Memory& memory) {
    std::vector<std::string> all;
    for (const Point& point : memory.points()) {
        all.push_back(std::string{point.series().text()}.append(" ").append(to_string(point.value())));
    }
    return all;
}

/// Keeps one value of a series in a second, and declares that.
class OnePerSecond final : public Transmitter {
public:
    explicit OnePerSecond(Memory memory) : memory_{std::move(memory)} {}
    Outcome publish(std::span<const Point> points) override { return memory_.publish(points); }
    [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.keeps_every_event = false}; }

private:
    Memory memory_;
};

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("telemeter: to a transmitter that keeps every event each call is a point") {
    ManualClock clock{epoch};
    const Memory memory;
    Telemeter telemeter{memory, {{"app", "checkout"}}, {.clock = &clock}};
    const auto requests = telemeter.counter("shop.requests");
    const auto cache = telemeter.gauge("shop.cache_size");
    const auto timer = telemeter.timer("shop.process_time");
    requests.inc();
    requests.dec();
    requests.add(5);
    cache.value(17);
    cache.value(0.5);
    {
        const auto timing = timer.timeit();
        clock.advance(250ms);
    }
    timer.took(2s);
    telemeter.record("shop.custom", 0.42);
    REQUIRE(telemeter.flush(soon()));
    CHECK(texts(memory) == Texts{"shop.requests app=checkout 1", "shop.requests app=checkout -1",
                                 "shop.requests app=checkout 5", "shop.cache_size app=checkout 17",
                                 "shop.cache_size app=checkout 0.5", "shop.process_time app=checkout 0.25",
                                 "shop.process_time app=checkout 2", "shop.custom app=checkout 0.42"});
    CHECK(memory.points().front().time() == epoch);
    CHECK(memory.points().back().time() == epoch + 250ms);
    CHECK(telemeter.stats().all() == 0);
    CHECK(telemeter.account().acked == 8);
}

TEST_CASE("telemeter: the tags of a call win over the default ones") {
    const Memory memory;
    Telemeter telemeter{memory, {{"app", "checkout"}, {"zone", "a"}}};
    const Tags made_at_run_time{{"zone", "c"}};
    const auto requests = telemeter.counter("requests");
    requests.inc({{"zone", "b"}, {"code", "200"}});
    requests.dec(made_at_run_time);
    requests.add(2, made_at_run_time);
    telemeter.gauge("cache").value(1, {{"zone", "b"}});
    telemeter.gauge("cache").value(2, made_at_run_time);
    telemeter.timer("time").took(1s, {{"zone", "b"}});
    telemeter.timer("time").took(1s, made_at_run_time);
    telemeter.record("custom", 1, {{"app", "x"}});
    REQUIRE(telemeter.flush(soon()));
    CHECK(texts(memory) == Texts{"requests app=checkout code=200 zone=b 1", "requests app=checkout zone=c -1",
                                 "requests app=checkout zone=c 2", "cache app=checkout zone=b 1",
                                 "cache app=checkout zone=c 2", "time app=checkout zone=b 1",
                                 "time app=checkout zone=c 1", "custom app=x zone=a 1"});
}

TEST_CASE("telemeter: a timing is recorded also when an exception leaves it, with the tags it began with") {
    ManualClock clock{epoch};
    const Memory memory;
    Telemeter telemeter{memory, {}, {.clock = &clock}};
    const auto timer = telemeter.timer("time");
    const auto work = [&] {
        std::optional<std::string> tag{"a-text-that-is-gone-when-the-time-is-over"};
        const auto timing = timer.timeit({{"tag", *tag}});
        tag.reset();
        clock.advance(3s);
        clock.step(-1h); // wall time is not used for measuring
        throw std::runtime_error{"left"};
    };
    CHECK_THROWS_AS(work(), std::runtime_error);
    REQUIRE(telemeter.flush(soon()));
    CHECK(texts(memory) == Texts{"time tag=a-text-that-is-gone-when-the-time-is-over 3"});
}

TEST_CASE("telemeter: timings have the times at which they ended") {
    const Memory memory;
    Telemeter telemeter{memory};
    const auto timer = telemeter.timer("time");
    std::vector<std::pair<WallTime, WallTime>> around;
    for (int i = 0; i < 1000; ++i) {
        const WallTime before = std::chrono::system_clock::now();
        {
            const auto timing = timer.timeit();
        }
        around.emplace_back(before, std::chrono::system_clock::now());
    }
    REQUIRE(telemeter.flush(soon()));
    const std::vector<Point> points = memory.points();
    REQUIRE(points.size() == around.size());
    std::size_t right = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        // The two clocks are read one after the other, and a delay between the readings is possible.
        right += points[i].time() > around[i].first - 1ms && points[i].time() < around[i].second + 1ms ? 1 : 0;
    }
    CHECK(right > points.size() / 2);
}

TEST_CASE("telemeter: no two points of a series have the same time, also if the clock stands still or steps back") {
    ManualClock clock{epoch};
    const Memory memory;
    Telemeter telemeter{memory, {}, {.clock = &clock}};
    const auto requests = telemeter.counter("requests");
    test::on_threads(4, [&](int /*i*/) {
        for (int n = 0; n < 500; ++n) {
            requests.inc();
            requests.inc({{"code", "200"}});
        }
    });
    clock.step(-1h);
    requests.inc();
    REQUIRE(telemeter.flush(soon()));
    std::set<std::pair<std::string, WallTime>> distinct;
    for (const Point& point : memory.points()) {
        distinct.emplace(point.series().text(), point.time());
    }
    CHECK(distinct.size() == 4001);
    CHECK(distinct.contains({"requests", epoch - 1h}));
}

TEST_CASE("telemeter: by whatever call a series is reached, no two points of it have the same time") {
    ManualClock clock{epoch};
    const Memory memory;
    Telemeter telemeter{memory, {{"app", "checkout"}}, {.clock = &clock}};
    const auto cache = telemeter.gauge("cache");
    cache.value(1);
    cache.value(2, {{"app", "checkout"}});
    telemeter.record("cache", 3);
    telemeter.record("cache", 4, {{"app", "checkout"}});
    telemeter.gauge("cache").value(5);
    REQUIRE(telemeter.flush(soon()));
    std::set<WallTime> times;
    for (const Point& point : memory.points()) {
        CHECK(point.series().text() == "cache app=checkout");
        times.insert(point.time());
    }
    CHECK(times.size() == 5);
}

TEST_CASE("telemeter: a receiver that keeps one value a second gets the sum of a second, the last, or three series") {
    ManualClock clock{epoch};
    const Memory memory;
    Telemeter telemeter{OnePerSecond{memory}, {}, {.clock = &clock}};
    telemeter.counter("requests").inc();
    telemeter.counter("requests").inc();
    telemeter.gauge("cache").value(3);
    telemeter.gauge("cache").value(2);
    telemeter.timer("time").took(1s);
    telemeter.timer("time").took(3s);
    telemeter.record("custom", 1);
    telemeter.record("custom", 2);
    clock.advance(2s);
    telemeter.counter("requests").inc();
    REQUIRE(telemeter.flush(soon()));
    CHECK(texts(memory) ==
          Texts{"requests 2", "cache 2", "time.count 2", "time.sum 4", "time.max 3", "custom 2", "requests 1"});
    CHECK(memory.points().front().time() == epoch);
    CHECK(memory.points().back().time() == epoch + 2s);
}

TEST_CASE("telemeter: stages that are there already are used") {
    ManualClock clock{epoch};
    const Memory memory;
    Buffered queue{OnePerSecond{memory}};
    PerSecond seconds{std::ref(queue), {.clock = &clock}};
    {
        Telemeter telemeter{std::ref(seconds), {}, {.clock = &clock}};
        telemeter.counter("requests").add(7);
        CHECK(seconds.stats().values == 1);
        CHECK(telemeter.flush(soon()));
        CHECK(queue.account().acked == 1);
    }
    Telemeter telemeter{std::ref(queue), {}, {.clock = &clock}};
    telemeter.counter("requests").add(7);
    CHECK(telemeter.flush(soon()));
    CHECK(telemeter.account().acked == 2); // the count of the queue
    CHECK(texts(memory) == Texts{"requests 7", "requests 7"});
}

TEST_CASE("telemeter: it is a transmitter, which adds its default tags") {
    const Memory memory;
    Telemeter parent{memory, {{"app", "checkout"}, {"zone", "a"}}};
    {
        Telemeter child{std::ref(parent), {{"part", "cart"}, {"zone", "b"}}};
        child.counter("requests").inc();
    }
    Tags many;
    for (const char c : {'a', 'b', 'c', 'd', 'e', 'f', 'g'}) {
        many.set(std::string(1, c), "1");
    }
    const std::vector<Point> points{{Series{"m", many}, epoch, 1}, {Series{"m"}, epoch, 2}, {Series{"m"}, epoch, 3}};
    const Outcome outcome = parent.publish(points);
    CHECK(outcome.retry_from == 3);
    CHECK(outcome.rejected == std::vector<Outcome::Rejection>{{0, Reason::too_many_tags}});
    const Point longest{Series{std::string(max_series_text, 'x')}, epoch, 1};
    CHECK(parent.publish({&longest, 1}).rejected == std::vector<Outcome::Rejection>{{0, Reason::line_too_long}});
    REQUIRE(parent.flush(soon()));
    CHECK(texts(memory) ==
          Texts{"requests app=checkout part=cart zone=b 1", "m app=checkout zone=a 2", "m app=checkout zone=a 3"});
}

TEST_CASE("telemeter: an invalid series or value is refused and counted, and does no harm") {
    const Memory memory;
    Telemeter telemeter{memory};
    const std::string bad = "x\ndiediedie";
    const auto requests = telemeter.counter("requests");
    requests.inc({{"tag", bad}});
    requests.inc({{"tag", bad}}); // remembered
    requests.inc({{"tag", "a"}, {"tag", "b"}});
    telemeter.record(bad, 1);
    telemeter.record("custom", 1, {{"tag", std::string_view{std::string(2000, 'x')}}});
    telemeter.record("requests", 1); // is a counter
    CHECK(telemeter.stats().illegal == 6);
    telemeter.gauge("cache").value(std::numeric_limits<double>::quiet_NaN());
    telemeter.record("custom", std::numeric_limits<double>::infinity());
    CHECK(telemeter.stats().not_finite == 2);
    requests.inc();
    REQUIRE(telemeter.flush(soon()));
    CHECK(texts(memory) == Texts{"requests 1"});
}

TEST_CASE("telemeter: a name is of one kind, and legal, or creating a handle throws a sentence") {
    Telemeter telemeter{Discard{}, {{"app", "checkout"}}};
    static_cast<void>(telemeter.counter("requests"));
    CHECK_THROWS_WITH(telemeter.gauge("requests"),
                      "the metric 'requests' is a counter already and cannot be a gauge too");
    static_cast<void>(telemeter.timer("time"));
    CHECK_THROWS_WITH(telemeter.counter("time"), "the metric 'time' is a timer already and cannot be a counter too");
    telemeter.record("custom", 1);
    CHECK_THROWS_WITH(telemeter.counter("custom"),
                      "the metric 'custom' is a gauge already and cannot be a counter too");
    static_cast<void>(telemeter.gauge("custom"));
    CHECK_THROWS_AS(telemeter.counter(std::string_view{"no name"}), UsageError);
    CHECK_THROWS_AS(telemeter.counter(std::string(max_series_text, 'x')), UsageError);
    CHECK_THROWS_WITH(telemeter.counter("requests", bucketed),
                      "the counter 'requests' exists already, without buckets");
    CHECK_THROWS_AS(telemeter.counter("refused", {.timespan = 0s}), UsageError); // does not take the name
    static_cast<void>(telemeter.gauge("refused"));
    CHECK_THROWS_WITH((Telemeter{Discard{}, {}, {.max_series = 0}}),
                      "the max_series of Telemeter is 0; it is at least 1");
    CHECK_THROWS_AS((Telemeter{Discard{}, {}, {.buffer = {.max_buffer_size = 0}}}), UsageError);
}

TEST_CASE("telemeter: series of calls are bounded, those that are known go on") {
    const Memory memory;
    Telemeter telemeter{memory, {}, {.max_series = 3}};
    const auto requests = telemeter.counter("requests");
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 5; ++i) {
            requests.inc({{"user", std::to_string(i)}});
        }
    }
    requests.inc();
    CHECK(telemeter.stats().over_limit == 4);
    REQUIRE(telemeter.flush(soon()));
    CHECK(memory.size() == 7);
}

TEST_CASE("telemeter: a call with tags that have been seen does not allocate") {
    const bool is_merged = GENERATE(false, true);
    CAPTURE(is_merged);
    ManualClock clock{epoch};
    BufferedOptions options{.max_buffer_size = 4096, .max_flush_interval = 24h};
    AnyTransmitter inner = Buffered{Discard{}, options};
    if (is_merged) {
        inner = PerSecond{std::move(inner), {.clock = &clock}};
    }
    Telemeter telemeter{std::move(inner), {{"app", "a-text-that-is-longer-than-a-small-string"}}, {.clock = &clock}};
    const std::string name = "a.metric.whose.name.is.longer.than.a.small.string";
    const auto requests = telemeter.counter(name);
    const auto cache = telemeter.gauge(name + ".gauge");
    const auto timer = telemeter.timer(name + ".timer");
    const std::string code = "a-code-that-is-longer-than-a-small-string";
    const auto calls = [&] {
        const std::size_t before = test::allocations();
        for (int i = 0; i < 10; ++i) {
            requests.inc();
            requests.inc({{"code", code}, {"b", "2"}});
            cache.value(0.5, {{"code", code}});
            telemeter.record("custom", i, {{"code", code}});
            const auto timing = timer.timeit({{"code", code}});
        }
        return test::allocations() - before;
    };
    CHECK(calls() > 0);
    while (telemeter.account().accepted < 3000 && !is_merged) { // the queue grows to its size
        requests.inc();
    }
    CHECK(calls() == 0);
}

TEST_CASE("telemeter: an exception of the transmitter is counted, and does not reach the caller") {
    class Throwing final : public Transmitter {
    public:
        Outcome publish(std::span<const Point> /*points*/) override { throw std::runtime_error{"no"}; }
        [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.takes_at_once = true}; }
    };
    Telemeter telemeter{Throwing{}};
    telemeter.counter("requests").inc();
    CHECK(telemeter.stats().refused == 1);

    Buffered closed{Discard{}};
    closed.close();
    Telemeter other{std::ref(closed)};
    other.counter("requests").inc();
    CHECK(other.stats().refused == 1);
}

TEST_CASE("telemeter: a bucketed counter makes a point per bucket, behind the same handle") {
    ManualClock clock{epoch};
    const Memory memory;
    const Memory others;
    {
        Telemeter telemeter{memory, {{"app", "checkout"}}, {.clock = &clock}};
        MetricCounter<rate> other{"other", {.clock = &clock}};
        const autodump everything{others};
        const auto hot = telemeter.counter("hot", {.timespan = 2s, .granularity = 1s});
        const auto other_hot = telemeter.counter("hotter", bucketed);
        for (int i = 0; i < 3; ++i) {
            hot.add(10);
            telemeter.counter("hot").inc(); // the same recorder
            other_hot.dec();
            hot.inc({{"code", "500"}}); // a point by itself
            clock.advance(1s);
        }
        REQUIRE(telemeter.flush(soon()));
        CHECK(texts(memory) == Texts{"hot app=checkout code=500 1", "hot app=checkout code=500 1",
                                     "hot app=checkout 11", "hot app=checkout 11", "hot app=checkout code=500 1"});
        hot.inc();
    }
    CHECK(test::sum(memory, "hot") == 37);
    CHECK(test::sum(memory, "hotter") == -3);
    for (const Point& point : others.points()) { // an autodump of all counters is not one of these
        CHECK(point.series().metric() == "other");
    }
}
