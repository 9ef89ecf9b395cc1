// SPDX-License-Identifier: MIT
// When the output of a collector asks it to end.
#include <collector/output.hpp>

#include <chrono>
#include <memory>
#include <tuple>

#include <tickertape/counter.hpp>
#include <tickertape/testkit/manual_clock.hpp>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tickertape::AnyTransmitter;
using tickertape::Form;
using tickertape::MetricCounter;
using tickertape::Stop;
using tickertape::StopReason;
using tickertape::collector::Output;
using tickertape::collector::Settings;
using tickertape::testkit::ManualClock;

namespace {

/// Whether a stop is requested, and why, when something is published after the clock was set back.
std::tuple<bool, StopReason> stop_after(std::chrono::seconds step, Form form) {
    ManualClock clock;
    const MetricCounter count{"output.count", {.clock = &clock}};
    Stop stop;
    const Settings settings{.form = form, .dedup = 0s};
    const auto output = std::make_shared<Output>(settings, "c", stop, clock);
    AnyTransmitter stage = output->stage(settings);
    clock.advance(5s);
    stage.publish({});
    CHECK_FALSE(stop.requested());
    clock.step(-step);
    clock.advance(1s);
    stage.publish({});
    return {stop.requested(), stop.reason()};
}

} // namespace

TEST_CASE(
    "Under tcollector a clock that was set back by more than a minute ends the collector, elsewhere it does not") {
    CHECK(stop_after(120s, Form::tcollector) == std::tuple{true, StopReason::clock_stepped});
    CHECK_FALSE(std::get<0>(stop_after(50s, Form::tcollector)));
    CHECK_FALSE(std::get<0>(stop_after(120s, Form::put)));
}
