// SPDX-License-Identifier: MIT
// The ring of a counter: it begins with two timespans and becomes larger while a dump is late.
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tickertape/counter.hpp>
#include <tickertape/distribution.hpp>

#include "counter/counter_state.hpp"
#include "counter/history.hpp"
#include "support/catch.hpp"
#include "support/on_manual_clock.hpp"

using namespace std::chrono_literals;
using test::OriginClock;
using tickertape::distribution;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::Outcome;
using tickertape::Point;
using tickertape::rate;
using tickertape::stock;
using tickertape::counter::History;

namespace {

constexpr std::uint64_t at_first = 32; // two timespans of 15 buckets, and two more
constexpr std::uint64_t at_most = 122;

void push(History& history, std::uint64_t bits, std::vector<std::uint64_t>& lost) {
    if (history.should_grow()) {
        history.reserve(history.waiting() + 1);
    }
    history.push(bits, [&lost](std::uint64_t gone) { lost.push_back(gone); });
}

std::vector<std::uint64_t> waiting(const History& history) {
    std::vector<std::uint64_t> all;
    for (std::uint64_t next = history.cursor(); next != history.end();) {
        const std::span<const std::uint64_t> row = history.row(next, history.end());
        all.insert(all.end(), row.begin(), row.end());
        next += row.size();
    }
    return all;
}

template <class Mode>
std::uint64_t capacity(const MetricCounter<Mode>& counter) {
    return counter.state()->history.capacity();
}

/// Lets 100 s pass in `publish`, and takes no point.
class SlowAndRefusing final : public tickertape::Transmitter {
public:
    explicit SlowAndRefusing(OriginClock& clock) : clock_{clock} {}
    Outcome publish(std::span<const Point> /*points*/) override {
        for (int second = 0; second < 100; ++second) {
            clock_->advance(1s);
        }
        return {.retry_from = 0};
    }

private:
    OriginClock& clock_;
};

} // namespace

TEST_CASE("A ring that grows keeps its buckets, wherever their row begins") {
    for (std::uint64_t before = 0; before < 5; ++before) {
        std::vector<std::uint64_t> lost;
        History history{{.first = 4, .most = 11}, 1000};
        for (std::uint64_t i = 0; i < before; ++i) {
            push(history, 0, lost);
        }
        history.set_cursor(history.end());
        history.mark_partial(history.end());
        std::vector<std::uint64_t> expected;
        for (std::uint64_t i = 1; i <= 11; ++i) {
            push(history, i, lost);
            expected.push_back(i);
            CAPTURE(before, i);
            CHECK(waiting(history) == expected);
            CHECK(history.capacity() == (i <= 4 ? 4 : i <= 8 ? 8 : 11));
            CHECK(history.is_partial(1000 + before));
            CHECK_FALSE(history.is_partial(history.end()));
        }
        CHECK(lost.empty());
        push(history, 12, lost);
        CHECK(lost == std::vector<std::uint64_t>{1});
        CHECK(history.capacity() == 11);
        CHECK(history.begin() == history.cursor());
        CHECK(history[history.end() - 1] == 12);
    }
}

TEST_CASE("A ring does not grow for buckets that were emitted") {
    std::vector<std::uint64_t> lost;
    History history{{.first = 4, .most = 11}, 7};
    for (std::uint64_t i = 0; i < 100; ++i) {
        push(history, i, lost);
        history.set_cursor(history.end());
    }
    CHECK(history.capacity() == 4);
    CHECK(history.begin() == history.end() - 4);
    CHECK(history[history.begin()] == 96);
    history.clear();
    CHECK(history.begin() == history.end());
    CHECK(history.end() == 107);
}

TEST_CASE("A counter that is dumped in time keeps the ring of two timespans") {
    OriginClock clock;
    MetricCounter<rate> counter{"m", {.clock = &*clock}};
    CHECK(capacity(counter) == at_first);
    for (int second = 0; second < 30; ++second) {
        clock->advance(1s);
    }
    CHECK(capacity(counter) == at_first);
    for (int second = 30; second < 122; ++second) {
        clock->advance(1s);
    }
    CHECK(capacity(counter) == at_most);
    Memory memory;
    CHECK(counter.dump(memory) == 122);
    CHECK(counter.stats().buckets_lost == 0);
}

TEST_CASE("The buckets of one tick that is 100 periods late fit into a ring that was smaller") {
    OriginClock clock;
    MetricCounter<rate> counter{"m", {.clock = &*clock}};
    MetricCounter<stock> level{"n", {.hold_at_most = 1h, .clock = &*clock}};
    MetricCounter<distribution> times{"o", {.clock = &*clock}};
    counter.add(100);
    level.set(7);
    times.record(1);
    clock->stall(100s);
    clock->advance(0s);
    Memory memory;
    CHECK(counter.dump(memory) == 100);
    CHECK(level.dump(memory) == 100);
    CHECK(times.dump(memory) > 0);
    CHECK(counter.stats().buckets_lost + level.stats().buckets_lost + times.stats().buckets_lost == 0);
}

TEST_CASE("Buckets that a slow transmitter gives back after 100 of them have ended are still there") {
    OriginClock clock;
    MetricCounter<rate> counter{"m", {.clock = &*clock}};
    for (int second = 0; second < 15; ++second) {
        counter.inc();
        clock->advance(1s);
    }
    SlowAndRefusing refusing{clock};
    CHECK(counter.dump(refusing) == 0);
    Memory memory;
    CHECK(counter.dump(memory) == 115);
    CHECK(memory.points().front().value().integer() == 1);
    CHECK(counter.stats().buckets_lost == 0);
}
