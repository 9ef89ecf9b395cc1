// SPDX-License-Identifier: MIT
// A destructor that drops points reports how many.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <tickertape/autodump.hpp>
#include <tickertape/buffered.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/manual_clock.hpp>
#include <tickertape/per_second.hpp>
#include <tickertape/telemeter.hpp>
#include <tickertape/testkit/memory.hpp>

#include "support/catch.hpp"
#include "support/messages.hpp"
#include "support/queues.hpp"

using namespace std::chrono_literals;
using namespace tickertape;

namespace {

/// A receiver that is down.
class Down final : public Transmitter {
public:
    explicit Down(tickertape::Transmitter::Traits traits = {}) : traits_{traits} {}

    Outcome publish(std::span<const Point> /*points*/) override { return {}; }
    bool flush(SteadyTime /*deadline*/) override { return false; }
    [[nodiscard]] tickertape::Transmitter::Traits traits() const noexcept override { return traits_; }

private:
    tickertape::Transmitter::Traits traits_;
};

} // namespace

TEST_CASE("a queue reports the points that it drops at its end, and no others") {
    const test::Messages messages;
    {
        Buffered queue{Down{}, {.max_flush_interval = 1h, .linger = 0ms}};
        queue.publish(test::points(0, 7));
    }
    CHECK(messages.have("queue: points left unsent at the end: 7 dropped"));
    {
        Buffered queue{Down{}, {.max_flush_interval = 1h, .linger = 0ms}};
        queue.publish(test::points(0, 1));
        queue.stop();
    }
    CHECK(messages.have("queue: points left unsent at the end: 1 dropped"));
    {
        Buffered queue{Memory{}, {.max_flush_interval = 1h, .linger = 1h}};
        queue.publish(test::points(0, 7));
    }
    CHECK(messages.all().size() == 2);
}

TEST_CASE("owners that show their account keep it quiet") {
    const test::Messages messages;
    {
        Buffered queue{Down{}, {.max_flush_interval = 1h, .linger = 0ms}};
        queue.publish(test::points(0, 7));
        queue.accounts()->keep_quiet();
    }
    CHECK(messages.all().empty());
}

TEST_CASE("a Telemeter reports the points that its queue drops at its end, also if a handle lives longer") {
    const test::Messages messages;
    std::optional<TelemeterCounter> counter;
    {
        Telemeter telemeter{Down{}, {}, {.buffer = {.max_flush_interval = 1h, .linger = 0ms}}};
        counter = telemeter.counter("lost.events");
        counter->inc();
        counter->inc();
    }
    CHECK(messages.have("queue: points left unsent at the end: 2 dropped"));
}

TEST_CASE("a PerSecond reports the points of the last seconds that its transmitter did not take") {
    const test::Messages messages;
    {
        PerSecond{Down{{.takes_at_once = true}}}.publish(test::points(0, 3));
    }
    CHECK(messages.have("per second: the transmitter did not take 3 points of the last seconds: they are lost"));
}

TEST_CASE("an autodump reports the points that it could not write at its end") {
    const test::Messages messages;
    ManualClock clock{WallTime{1'700'000'000s}};
    std::uint64_t unsent = 0;
    {
        MetricCounter<rate> counter{"lost.rate", {.timespan = 1s, .clock = &clock}};
        autodump dump{Down{}, counter};
        counter.inc();
        clock.advance(3s);
        unsent = dump.finish().unsent;
    }
    CHECK(unsent >= 3);
    CHECK(messages.have("output: it did not take " + std::to_string(unsent) +
                        " points of counters at the end: they are lost"));
}
