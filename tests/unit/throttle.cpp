// SPDX-License-Identifier: MIT
#include <collector/throttle.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <tickertape/manual_clock.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using tickertape::Outcome;
using tickertape::Point;
using tickertape::Reason;
using tickertape::SteadyTime;
using tickertape::collector::Throttle;

namespace {

/// Returns points with the values from, from + 1, …
std::vector<Point> points(int from, std::size_t number) {
    static const tickertape::Series series{"test.m", tickertape::Tags{{"k", "v"}}};
    std::vector<Point> all;
    for (std::size_t i = 0; i < number; ++i) {
        all.emplace_back(series, tickertape::WallTime{1'700'000'000s},
                         static_cast<double>(from) + static_cast<double>(i));
    }
    return all;
}

/// Counts points, accepts a limited number at once, and may be closed or throw.
struct Inner final : tickertape::Transmitter {
    std::vector<Point> got;
    std::size_t takes = SIZE_MAX;
    bool closed = false;
    bool throws = false;
    std::size_t rejects = 0; // the most of each call
    int flushes = 0;

    Outcome publish(std::span<const Point> more) override {
        if (throws) {
            throw std::runtime_error{"inner"};
        }
        if (closed) {
            return {.closed = true};
        }
        Outcome outcome{.retry_from = std::min(takes, more.size())};
        for (std::size_t i = 0; i < outcome.retry_from; ++i) {
            if (i < rejects) {
                outcome.rejected.push_back({i, Reason::refused});
            } else {
                got.push_back(more[i]);
            }
        }
        return outcome;
    }
    bool flush(SteadyTime /*deadline*/) override {
        ++flushes;
        return true;
    }
    [[nodiscard]] bool in_order() const {
        for (std::size_t i = 0; i < got.size(); ++i) {
            if (!(got[i] == points(static_cast<int>(i), 1).front())) {
                return false;
            }
        }
        return true;
    }
};

struct Pair {
    tickertape::ManualClock clock{tickertape::WallTime{1'700'000'000s}};
    Inner inner{};
    Throttle throttle{std::ref(inner), 10, clock}; // a minute's worth is 600
};

} // namespace

TEST_CASE("A minute's worth may go at once, and then the limit a second") {
    Pair p;
    const auto all = points(0, 1000);
    CHECK(p.throttle.publish(all).accepted() == 1000);
    CHECK(p.inner.got.size() == 600);
    CHECK(p.throttle.waiting() == 400);
    for (int second = 1; second <= 40; ++second) {
        p.clock.advance(1s);
        p.throttle.drain();
        CHECK(p.inner.got.size() == static_cast<std::size_t>(600 + 10 * second));
    }
    CHECK(p.throttle.waiting() == 0);
    CHECK(p.throttle.dropped() == 0);
    CHECK(p.inner.in_order());
}

TEST_CASE("Waiting points go before new ones") {
    Pair p;
    p.throttle.publish(points(0, 605));
    p.clock.advance(1s);
    CHECK(p.throttle.publish(points(605, 20)).accepted() == 20);
    CHECK(p.inner.got.size() == 610);
    CHECK(p.throttle.waiting() == 15);
    CHECK(p.inner.in_order());
}

TEST_CASE("More than a minute's worth of waiting points is rejected as over the limit, each counted") {
    Pair p;
    const auto all = points(0, 1300);
    const Outcome outcome = p.throttle.publish(all);
    CHECK(outcome.retry_from == 1300);
    REQUIRE(outcome.rejected.size() == 100);
    for (std::size_t i = 0; i < 100; ++i) {
        CHECK(outcome.rejected[i] == tickertape::Outcome::Rejection{1200 + i, Reason::over_limit});
    }
    CHECK(p.throttle.waiting() == 600);
    CHECK(p.throttle.dropped() == 100);
}

TEST_CASE("A pause earns no more than a minute's worth") {
    Pair p;
    p.throttle.publish(points(0, 600));
    p.clock.advance(24h);
    p.throttle.publish(points(600, 1200));
    CHECK(p.inner.got.size() == 1200);
}

TEST_CASE("A flush sends all waiting points despite the limit, and later points wait for the limit") {
    Pair p;
    p.throttle.publish(points(0, 1200));
    CHECK(p.throttle.flush({}));
    CHECK(p.inner.got.size() == 1200);
    CHECK(p.inner.flushes == 1);
    p.throttle.publish(points(1200, 10));
    CHECK(p.inner.got.size() == 1200);
    p.clock.advance(61s);
    p.throttle.drain();
    CHECK(p.inner.got.size() == 1210);
    CHECK(p.inner.in_order());
}

TEST_CASE("An output without room gets the same points again, in order") {
    Pair p;
    p.inner.takes = 7;
    const auto all = points(0, 20);
    CHECK(p.throttle.publish(all).retry_from == 7);
    CHECK(p.throttle.publish(std::span{all}.subspan(7)).retry_from == 7);
    CHECK(p.throttle.publish(std::span{all}.subspan(14)).retry_from == 6);
    p.inner.takes = SIZE_MAX;
    p.throttle.publish(points(20, 700)); // 120 of them wait
    p.clock.advance(5s);
    p.inner.takes = 3;
    p.throttle.drain();
    CHECK(p.throttle.waiting() == 117);
    p.inner.takes = 0;
    p.throttle.drain();
    p.inner.takes = SIZE_MAX;
    p.throttle.drain();
    CHECK(p.throttle.waiting() == 70);
    CHECK_FALSE(p.inner.got.empty());
    p.clock.advance(60s);
    p.throttle.drain();
    CHECK(p.throttle.waiting() == 0);
    CHECK(p.inner.got.size() == 720);
    CHECK(p.inner.in_order());
}

TEST_CASE("The rest of a batch that an output took in part still waits, and counts as waiting") {
    Pair p;
    p.throttle.publish(points(0, 605));
    p.clock.advance(1s);
    p.inner.takes = 2;
    p.throttle.drain();
    CHECK(p.throttle.waiting() == 3);
    p.inner.takes = 0;
    CHECK_FALSE(p.throttle.flush({}));
    CHECK(p.throttle.waiting() == 3);
}

TEST_CASE("A flush that found no room does not lift the limit") {
    Pair p;
    p.throttle.publish(points(0, 700));
    p.inner.takes = 0;
    CHECK_FALSE(p.throttle.flush({}));
    p.inner.takes = SIZE_MAX;
    p.clock.advance(1s);
    p.throttle.drain();
    CHECK(p.inner.got.size() == 610);
    CHECK(p.throttle.waiting() == 90);
    CHECK(p.inner.in_order());
}

TEST_CASE("An output that throws gets the same points again") {
    Pair p;
    p.inner.throws = true;
    CHECK_THROWS(p.throttle.publish(points(0, 5)));
    p.inner.throws = false;
    p.throttle.publish(points(0, 605));
    p.clock.advance(10s);
    p.inner.throws = true;
    CHECK_THROWS(p.throttle.drain());
    CHECK(p.throttle.waiting() == 5);
    p.inner.throws = false;
    p.throttle.drain();
    CHECK(p.inner.got.size() == 605);
    CHECK(p.inner.in_order());
}

TEST_CASE("A closed output is reported as closed, and nothing more is queued for it") {
    Pair p;
    p.throttle.publish(points(0, 605));
    p.inner.closed = true;
    p.clock.advance(10s);
    CHECK(p.throttle.publish(points(605, 5)).closed);
    CHECK(p.throttle.publish(points(605, 5)).closed);
    CHECK(p.throttle.waiting() == 5);
    CHECK_FALSE(p.throttle.flush({}));
    CHECK(p.inner.got.size() == 600);
}

TEST_CASE("Points that wait and are then refused by the output are counted") {
    Pair p;
    p.throttle.publish(points(0, 605));
    p.clock.advance(10s);
    p.inner.rejects = 2;
    p.throttle.drain();
    CHECK(p.throttle.waiting() == 0);
    CHECK(p.throttle.dropped() == 2);
}

TEST_CASE("Over any time no more goes out than the limit and a minute's worth") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    Pair p;
    const SteadyTime start = p.clock.read().steady;
    std::size_t sent = 0;
    std::size_t settled = 0;
    for (int step = 0; step < 3000; ++step) {
        p.clock.advance(std::chrono::milliseconds{test::up_to(random, 3000)});
        p.inner.takes = test::once_in(random, 4) ? test::up_to(random, 20) : SIZE_MAX;
        const std::size_t number = test::up_to(random, 30);
        settled += p.throttle.publish(points(0, number)).retry_from;
        if (test::once_in(random, 3)) {
            p.throttle.drain();
        }
        sent = p.inner.got.size();
        CHECK(static_cast<double>(sent) <=
              600 + 10 * std::chrono::duration<double>(p.clock.read().steady - start).count());
    }
    CHECK(sent + p.throttle.waiting() + p.throttle.dropped() == settled);
}
