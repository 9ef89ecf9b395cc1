// SPDX-License-Identifier: MIT
#include <tickertape/autodump.hpp>
#include <tickertape/testkit/manual_clock.hpp>

#include <stdexcept>
#include <utility>

#include <support/catch.hpp>

using namespace tickertape;
using namespace std::chrono_literals;

namespace {

class Claims final : public Transmitter {
public:
    explicit Claims(Outcome outcome) : outcome_{std::move(outcome)} {}
    Outcome publish(std::span<const Point> /*points*/) override { return outcome_; }

private:
    Outcome outcome_;
};

Outcome published_by(Outcome claimed) {
    const Point point{Series{"a.metric"}, WallTime{1'700'000'000s}, 1};
    AnyTransmitter any{Claims{std::move(claimed)}};
    return any.publish({&point, 1});
}

} // namespace

TEST_CASE("An Outcome that does not fit the given points is an error") {
    CHECK_THROWS_AS(published_by({.retry_from = 2}), std::logic_error);
    CHECK_THROWS_AS(published_by({.retry_from = 1, .rejected = {{1, Reason::refused}}}), std::logic_error);
    CHECK_THROWS_AS(published_by({.retry_from = 1, .rejected = {{0, Reason::refused}, {0, Reason::refused}}}),
                    std::logic_error);
    CHECK(published_by({.retry_from = 1, .rejected = {{0, Reason::refused}}}).accepted() == 0);
}

TEST_CASE("A counter that was moved from cannot be dumped, and a ring has a bound") {
    testkit::ManualClock clock;
    MetricCounter<rate> counter{"a.metric", {.clock = &clock}};
    const MetricCounter<rate> moved{std::move(counter)};
    CHECK_THROWS_AS(autodump{counter}, UsageError); // NOLINT(bugprone-use-after-move): the test is about that
    CHECK_THROWS_AS((MetricCounter<rate>{"b.metric", {.timespan = 24h, .granularity = 1ms, .clock = &clock}}),
                    UsageError);
}
