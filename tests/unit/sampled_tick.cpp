// SPDX-License-Identifier: MIT
// Samples that are taken more often than they are reported.
#include <collector/sampled_tick.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <tickertape/testkit/lines.hpp>
#include <tickertape/testkit/manual_clock.hpp>
#include <tickertape/testkit/memory.hpp>
#include <tickertape/testkit/runs.hpp>

#include <support/catch.hpp>

using namespace tickertape;
using namespace std::chrono_literals;
using testkit::ManualClock;

namespace {

/// Counts the samples since the last report, and reports their number.
struct Fixture {
    void run(int times) { testkit::run_times(clock, 100ms, times, std::ref(*tick)); }
    std::string lines() {
        tick.reset();
        report.reset();
        return testkit::lines(memory.points());
    }

    int looks = 0;
    ManualClock clock{WallTime{1'700'000'000'750ms}};
    Memory memory;
    const std::function<void()> sample = [this] { ++looks; };
    const std::function<void(Readings&)> f = [this](Readings& out) { out("looks", std::exchange(looks, 0)); };
    std::unique_ptr<collector::ReadingsTick> report =
        std::make_unique<collector::ReadingsTick>(f, Readings::Options{.step = 1s}, Memory{memory}, clock);
    std::unique_ptr<collector::SampledTick> tick = std::make_unique<collector::SampledTick>(1s, sample, *report);
};

} // namespace

TEST_CASE("The first sample is at the start of a period, and each period is reported at its end, with that time") {
    Fixture fixture;
    fixture.run(2); // at 0.8 and 0.9
    CHECK(fixture.looks == 0);
    fixture.run(22);
    CHECK(fixture.looks == 1);
    CHECK(fixture.lines() == "looks 1700000002 11\nlooks 1700000003 10\n");
}

TEST_CASE("A period whose end was missed is reported before the next sample, with its own time") {
    Fixture fixture;
    fixture.run(12);
    CHECK(fixture.looks == 10); // 1.0 to 1.9
    fixture.clock.stall(250ms); // 2.0 and 2.1 are missed
    fixture.run(9);             // 2.2 to 3.0
    CHECK(fixture.lines() == "looks 1700000002 10\nlooks 1700000003 9\n");
}

TEST_CASE("Periods without a sample are not reported") {
    Fixture fixture;
    fixture.run(12);
    fixture.clock.stall(3s);
    fixture.run(11); // 5.0 to 6.0
    CHECK(fixture.lines() == "looks 1700000002 10\nlooks 1700000005 1\nlooks 1700000006 10\n");
}

TEST_CASE("A clock that is set back goes on with the period that it is in then") {
    Fixture fixture;
    fixture.run(23); // to 3.0
    fixture.clock.step(-1500ms);
    fixture.run(26); // from 1.6 to 4.1
    CHECK(fixture.report->losses()->refused == 2);
    CHECK(fixture.lines() == "looks 1700000002 11\nlooks 1700000003 10\nlooks 1700000004 10\n");
}
