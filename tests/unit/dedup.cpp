// SPDX-License-Identifier: MIT
#include <tickertape/dedup.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <tickertape/testkit/memory.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using tickertape::Dedup;
using tickertape::Memory;
using tickertape::Outcome;
using tickertape::Point;
using tickertape::Reason;
using tickertape::Series;
using tickertape::SteadyTime;
using tickertape::Tags;
using tickertape::UsageError;
using tickertape::Value;
using tickertape::WallTime;
using Stats = tickertape::Dedup::Stats;

namespace {

constexpr WallTime noon{1700000000s};

Point at(const Series& series, std::chrono::nanoseconds after, Value value) { return {series, noon + after, value}; }

Outcome publish(Dedup& dedup, const std::vector<Point>& points) { return dedup.publish(points); }

// Returns `metric second value` for each point that passed.
std::vector<std::string> came_through(const Memory& memory) {
    std::vector<std::string> texts;
    for (const Point& point : memory.points()) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(point.time() - noon).count();
        texts.push_back(std::string{point.series().text()} + ' ' + std::to_string(seconds) + ' ' +
                        tickertape::to_string(point.value()));
    }
    return texts;
}

std::uint64_t accounted(const Stats& stats) {
    return stats.passed + stats.suppressed + stats.rejected + stats.held + stats.pending;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("The first of equal values passes, and the last held one goes before a change") {
    const Series m{"m", {}, {.step = 1s}};
    Memory memory;
    Dedup dedup{memory};
    publish(dedup, {at(m, 0s, 5), at(m, 1s, 5), at(m, 2s, 5)});
    CHECK(came_through(memory) == Texts{"m 0 5"});
    publish(dedup, {at(m, 3s, 6)});
    CHECK(came_through(memory) == Texts{"m 0 5", "m 2 5", "m 3 6"});
    publish(dedup, {at(m, 4s, 7), at(m, 5s, 8)});
    CHECK(came_through(memory) == Texts{"m 0 5", "m 2 5", "m 3 6", "m 4 7", "m 5 8"});
    const Stats stats = dedup.stats();
    CHECK(stats.passed == 5);
    CHECK(stats.suppressed == 1);
    CHECK(stats.held == 0);
}

TEST_CASE("An unchanged value is sent again each interval, without the one held before it") {
    const Series m{"m", {}, {.step = 100s}};
    Memory memory;
    Dedup dedup{memory};
    for (int i = 0; i <= 7; ++i) {
        publish(dedup, {at(m, i * 100s, 5)});
    }
    CHECK(came_through(memory) == Texts{"m 0 5", "m 300 5", "m 600 5"});
    CHECK(dedup.stats().held == 1);
    CHECK(dedup.stats().suppressed == 4);
}

TEST_CASE("A gap ends a run: the held point and the next one are sent, and the interval goes on") {
    const Series m{"m", {}, {.step = 1s}};
    Memory memory;
    Dedup dedup{memory};
    publish(dedup, {at(m, 0s, 5), at(m, 1s, 5), at(m, 2s, 5), at(m, 100s, 5), at(m, 101s, 5)});
    CHECK(came_through(memory) == Texts{"m 0 5", "m 2 5", "m 100 5"});
    for (int second = 102; second <= 300; ++second) {
        publish(dedup, {at(m, second * 1s, 5)});
    }
    CHECK(came_through(memory) == Texts{"m 0 5", "m 2 5", "m 100 5", "m 300 5"});
}

TEST_CASE("A series without a step has no gaps") {
    const Series m{"m"};
    Memory memory;
    Dedup dedup{memory};
    publish(dedup, {at(m, 0s, 5), at(m, 100s, 5), at(m, 299s, 5)});
    CHECK(came_through(memory) == Texts{"m 0 5"});
}

TEST_CASE("A time that does not increase starts the series afresh") {
    const Series m{"m", {}, {.step = 1s}};
    Memory memory;
    Dedup dedup{memory};
    publish(dedup, {at(m, 100s, 5), at(m, 101s, 5), at(m, 40s, 5), at(m, 41s, 5)});
    CHECK(came_through(memory) == Texts{"m 100 5", "m 101 5", "m 40 5"});
    publish(dedup, {at(m, 41s, 5)});
    CHECK(came_through(memory) == Texts{"m 100 5", "m 101 5", "m 40 5", "m 41 5", "m 41 5"});
}

TEST_CASE("1 and 1.0 are equal, and equal numbers of different series are not") {
    const Series m{"m"};
    const Series other{"m", {{"k", "v"}}};
    Memory memory;
    Dedup dedup{memory};
    publish(dedup, {at(m, 0s, 1), at(m, 1s, 1.0), at(other, 1s, 1)});
    CHECK(came_through(memory) == Texts{"m 0 1", "m k=v 1 1"});
}

TEST_CASE("With an interval of 0 everything passes") {
    const Series m{"m"};
    Memory memory;
    Dedup dedup{memory, {.interval = 0s}};
    CHECK(publish(dedup, {at(m, 0s, 5), at(m, 1s, 5), at(m, 1s, 5)}).accepted() == 3);
    CHECK(memory.size() == 3);
    CHECK(dedup.stats().passed == 3);
    memory.fail();
    CHECK_THROWS(publish(dedup, {at(m, 2s, 5)}));
}

TEST_CASE("flush sends held points by time, then by series text, and flushes the next transmitter") {
    const Series a{"a", {}, {.step = 2s}};
    const Series b{"b", {}, {.step = 2s}};
    const Series c{"c", {}, {.step = 2s}};
    Memory memory;
    Dedup dedup{memory};
    publish(dedup, {at(b, 0s, 5), at(a, 0s, 5), at(c, 0s, 5)});
    publish(dedup, {at(c, 1s, 5), at(b, 2s, 5), at(a, 2s, 5)});
    memory.clear();
    CHECK(dedup.flush({}));
    CHECK(came_through(memory) == Texts{"c 1 5", "a 2 5", "b 2 5"});
    CHECK(memory.flushes() == 1);
    CHECK(dedup.stats().held == 0);
    memory.clear();
    CHECK(dedup.flush({}));
    CHECK(memory.size() == 0);
    memory.fail_flushes();
    CHECK_FALSE(dedup.flush({}));
}

TEST_CASE("Beyond max_series the series seen longest ago is forgotten, and its held point sent") {
    const Series a{"a"};
    const Series b{"b"};
    const Series c{"c"};
    Memory memory;
    Dedup dedup{memory, {.max_series = 2}};
    publish(dedup, {at(a, 0s, 5), at(b, 0s, 5), at(a, 1s, 5), at(b, 1s, 5), at(a, 2s, 5)});
    publish(dedup, {at(c, 3s, 5)}); // b was seen longest ago
    CHECK(came_through(memory) == Texts{"a 0 5", "b 0 5", "b 1 5", "c 3 5"});
    CHECK(dedup.stats().evicted == 1);
    publish(dedup, {at(a, 4s, 5)});
    CHECK(memory.size() == 4);
    publish(dedup, {at(b, 5s, 5)}); // as if it had never been seen; c is forgotten
    CHECK(came_through(memory).back() == "b 5 5");
    CHECK(dedup.stats().evicted == 2);
}

TEST_CASE("Impossible options of Dedup are refused") {
    CHECK_THROWS_AS((Dedup{Memory{}, {.interval = -1s}}), UsageError);
    CHECK_THROWS_AS((Dedup{Memory{}, {.max_series = 0}}), UsageError);
}

TEST_CASE("Rejections are reported for points of the same call, and counted for those held back before") {
    const Series m{"m"};
    Memory memory;
    memory.reject(
        [](const Point& point) { return point.value() == Value{5} ? std::optional{Reason::refused} : std::nullopt; });
    Dedup dedup{memory};
    Outcome outcome = publish(dedup, {at(m, 0s, 4), at(m, 1s, 5), at(m, 2s, 5)});
    CHECK(outcome.retry_from == 3);
    CHECK(outcome.rejected == std::vector<tickertape::Outcome::Rejection>{{1, Reason::refused}});
    outcome = publish(dedup, {at(m, 3s, 6)});
    CHECK(outcome.rejected.empty());
    CHECK(dedup.stats().rejected == 1);
    CHECK(dedup.stats().passed == 2);
}

TEST_CASE("Rejections name the right points, whether points before them were held back or not") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    const std::vector<Series> all{Series{"a"}, Series{"b"}, Series{"c"}};
    const auto is_bad = [](const Point& point) { return (point.time() - noon) % 7s == 3s; };
    for (int round = 0; round < 60; ++round) {
        std::vector<Point> points;
        const std::size_t kinds = test::up_to(random, 3); // with one kind of value nearly everything is held back
        while (points.size() < 3000) {
            const Series& series = all[test::up_to(random, 2)];
            const bool changes = test::once_in(random, 2);
            for (std::size_t left = 1 + test::up_to(random, 300); left > 0; --left) {
                const std::size_t value = changes ? points.size() : test::up_to(random, kinds);
                points.push_back(at(series, std::chrono::seconds{points.size()}, value));
            }
        }
        Memory memory;
        memory.reject(
            [&](const Point& point) { return is_bad(point) ? std::optional{Reason::refused} : std::nullopt; });
        Dedup dedup{memory};
        std::uint64_t rejected = 0;
        std::span<const Point> rest{points};
        while (!rest.empty()) {
            memory.take_only(test::up_to(random, 1500));
            const Outcome outcome = dedup.publish(rest.first(std::min(rest.size(), 1 + test::up_to(random, 2500))));
            for (const auto& rejection : outcome.rejected) {
                REQUIRE(is_bad(rest[rejection.index]));
            }
            rejected += outcome.rejected.size();
            rest = rest.subspan(outcome.retry_from);
        }
        while (!dedup.flush({})) {
        }
        const Stats stats = dedup.stats();
        REQUIRE(stats.passed == memory.size());
        REQUIRE(stats.passed + stats.rejected + stats.suppressed + rejected == points.size());
    }
}

TEST_CASE("Dedup accepts no more points until its pending ones are taken, and sends those first") {
    const Series m{"m"};
    Memory memory;
    Dedup dedup{memory};
    memory.take_only(0);
    CHECK(publish(dedup, {at(m, 0s, 1)}).retry_from == 1);
    CHECK(dedup.stats().pending == 1);
    memory.take_only(0);
    CHECK(publish(dedup, {at(m, 1s, 2)}).retry_from == 0);
    memory.take_only(0);
    CHECK_FALSE(dedup.flush({}));
    CHECK(publish(dedup, {at(m, 1s, 2)}).retry_from == 1);
    CHECK(came_through(memory) == Texts{"m 0 1", "m 1 2"});
}

TEST_CASE("A transmitter that throws gets the same points again, and the next call throws when it still does") {
    const Series m{"m"};
    Memory memory;
    Dedup dedup{memory};
    memory.fail(2);
    CHECK(publish(dedup, {at(m, 0s, 1), at(m, 1s, 2)}).retry_from == 2);
    CHECK_THROWS_AS(publish(dedup, {at(m, 2s, 3)}), std::runtime_error);
    CHECK(publish(dedup, {at(m, 2s, 3)}).retry_from == 1);
    CHECK(came_through(memory) == Texts{"m 0 1", "m 1 2", "m 2 3"});
}

TEST_CASE("A closed transmitter closes Dedup") {
    const Series m{"m"};
    Memory memory;
    Dedup dedup{memory};
    memory.close();
    CHECK(publish(dedup, {at(m, 0s, 1)}).closed);
    CHECK(publish(dedup, {at(m, 1s, 1)}).closed);
    CHECK_FALSE(dedup.flush({}));
}

TEST_CASE("With any behaviour of the inner transmitter, the same points pass once, and all are accounted for") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    std::size_t exceptions = 0;
    for (int round = 0; round < 20; ++round) {
        std::vector<Series> all;
        all.reserve(5);
        for (int i = 0; i < 5; ++i) {
            all.push_back(Series{"m", Tags{}.set("n", std::to_string(i)), {.step = 1s}});
        }
        std::vector<Point> points;
        for (int second = 0; second < 1000; ++second) {
            for (const Series& series : all) {
                if (!test::once_in(random, 20)) {
                    points.push_back(at(series, second * 1s, test::up_to(random, 15) == 0 ? 1 : 0));
                }
            }
        }
        Memory calm;
        Dedup through_calm{calm, {.max_series = 4}};
        publish(through_calm, points);
        through_calm.flush({});

        Memory rough;
        Dedup through_rough{rough, {.max_series = 4}};
        std::span<const Point> rest{points};
        std::uint64_t accepted = 0;
        while (!rest.empty()) {
            switch (test::up_to(random, 3)) {
            case 0: rough.fail(test::up_to(random, 2)); break;
            case 1: rough.take_only(test::up_to(random, 5)); break;
            default: break;
            }
            try {
                const Outcome outcome =
                    through_rough.publish(rest.first(std::min(rest.size(), test::up_to(random, 3000))));
                rest = rest.subspan(outcome.retry_from);
                accepted += outcome.accepted();
            } catch (const std::runtime_error&) {
                ++exceptions;
            }
            REQUIRE(accounted(through_rough.stats()) == accepted);
            REQUIRE(through_rough.stats().pending <= 1026);
        }
        rough.fail(0);
        while (!through_rough.flush({})) {
        }
        REQUIRE(rough.points() == calm.points());
        REQUIRE(accepted == points.size());
        REQUIRE(accounted(through_rough.stats()) == accepted);
        REQUIRE(through_rough.stats().suppressed > 0);
    }
    CHECK(exceptions > 0);
}
