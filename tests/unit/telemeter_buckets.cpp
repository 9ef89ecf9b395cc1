// SPDX-License-Identifier: MIT
// Timers of a Telemeter that are distributions.
#include <tickertape/telemeter.hpp>

#include <chrono>
#include <span>

#include <tickertape/testkit/memory.hpp>

#include "support/catch.hpp"
#include "support/counting.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using test::epoch;
using testkit::ManualClock;

TEST_CASE(
    "telemeter: a bucketed timer has quantiles for one value a second, and is a plain timer if all events are kept") {
    ManualClock clock{epoch};
    /// Keeps a value of a series in a second, as a TSD does.
    struct PerSecondMemory : Transmitter {
        explicit PerSecondMemory(const Memory& to) : memory{to} {}
        Outcome publish(std::span<const Point> points) override { return memory.publish(points); }
        [[nodiscard]] Transmitter::Traits traits() const noexcept override {
            return {.keeps_every_event = false, .takes_at_once = true};
        }
        Memory memory;
    };
    const Memory seconds;
    const Memory events;
    {
        Telemeter to_seconds{PerSecondMemory{seconds}, {{"app", "checkout"}}, {.clock = &clock}};
        Telemeter to_events{events, {}, {.clock = &clock}};
        for (Telemeter* const telemeter : {&to_seconds, &to_events}) {
            const auto timer = telemeter->timer("work", bucketed);
            timer.took(250ms);
            telemeter->timer("work").took(750ms); // the same recorder
        }
        {
            const auto timing = to_seconds.timer("work", bucketed).timeit();
            clock.advance(1500ms);
        }
        clock.advance(1s);
        CHECK_THROWS_AS(to_seconds.counter("work"), UsageError);
        static_cast<void>(to_seconds.timer("plain"));
        CHECK_THROWS_WITH(to_seconds.timer("plain", bucketed), "the timer 'plain' exists already, without buckets");
    }
    CHECK(test::sum(seconds, "work.count") == 3);
    double sum = 0;
    for (const auto& [start, value] : test::emitted(seconds, "work.sum")) {
        sum += value;
    }
    CHECK(sum == 2.5);
    CHECK(test::emitted(seconds, "work.p99").size() == 2);
    CHECK(test::emitted(seconds, "work.max").size() == 2);
    CHECK(events.size() == 2); // each call
}
