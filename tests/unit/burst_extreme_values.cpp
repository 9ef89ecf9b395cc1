// SPDX-License-Identifier: MIT
// `tickertape burst` with values that no picture can show: each report ends, stays small, keeps within its width, and no figure
// or coordinate is nan or inf.
#include <cli/burst/html.hpp>
#include <cli/burst/output.hpp>
#include <cli/page/ticks.hpp>
#include <cli/terminal/bars.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/no_number.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
namespace burst = tickertape::burst;
namespace cli = tickertape::cli;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <burst::Number T>
void check_reports(const std::vector<T>& values, std::chrono::milliseconds granularity) {
    burst::Samples<T> samples{granularity};
    tickertape::WallTime start{1'700'000'000s};
    for (const T value : values) {
        samples.push(start, value);
        start += granularity;
    }
    const cli::burst::Subject subject{.name = "a.b", .step = granularity};
    const cli::burst::SubjectSamples made{.samples = samples};
    const cli::burst::SubjectReport report{subject, made, {}};
    for (const bool utf8 : {false, true}) {
        const cli::terminal::Style style{.columns = 80, .colour = false, .utf8 = utf8};
        const std::string text = cli::burst::text_report(report, style, true);
        CHECK(text.size() < 100'000);
        CHECK_FALSE(test::has_no_number(text));
    }
    CHECK_FALSE(test::has_no_number(cli::burst::json_report(report)));
    const std::string page = cli::burst::html_report(report, 0);
    CHECK(page.size() < 1'000'000);
    CHECK_FALSE(test::has_no_number(page));
}

template <burst::Number T>
void check_mixtures(const std::vector<T>& extremes) {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int round = 0; round < 60; ++round) {
        std::vector<T> some;
        for (std::size_t i = 0; i < 1 + random() % 4; ++i) {
            some.push_back(extremes[random() % extremes.size()]);
        }
        std::vector<T> values;
        for (std::size_t i = 0; i < 1 + random() % 300; ++i) {
            values.push_back(some[round % 2 == 0 ? i % some.size() : random() % some.size()]);
        }
        CAPTURE(some, values.size());
        check_reports(values, round % 3 == 0 ? 10ms : 1000ms);
    }
}

} // namespace

TEST_CASE("burst: readings at the limits of double give a report, as text, JSON and page") {
    std::vector<double> squares_overflow;
    for (int i = 0; i < 40; ++i) {
        squares_overflow.insert(squares_overflow.end(), {1e155, -1e155, 1.5});
    }
    check_reports(squares_overflow, 1000ms);
    constexpr double most = std::numeric_limits<double>::max();
    constexpr double least = std::numeric_limits<double>::denorm_min();
    check_mixtures<double>({most, -most, least, -least, std::numeric_limits<double>::min(), 1e155, -1e155, 1e300,
                            1e-300, 1.5, 0.0, -1.0, 1e17});
}

TEST_CASE("burst: counts at the edges of 64 bits give a report, as text, JSON and page") {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
    check_mixtures<std::int64_t>({most, least, 0, 1, -1, std::int64_t{1} << 53U, 1000});
}

TEST_CASE("Every number falls on a step") {
    CHECK(cli::terminal::step_of(0.5, 11) == 5);
    CHECK(cli::terminal::step_of(1, 11) == 10);
    for (const double part : {0.0, -1.0, -infinity, not_a_number}) {
        CHECK(cli::terminal::step_of(part, 11) == 0);
    }
    CHECK(cli::terminal::step_of(infinity, 11) == 10);
    CHECK(cli::terminal::step_of(1e300, 11) == 10);
    CHECK(cli::terminal::step_of(0.5, 0) == 0);
}

TEST_CASE("An axis of any length has some ticks at most, on it") {
    constexpr double most = std::numeric_limits<double>::max();
    constexpr double least = std::numeric_limits<double>::denorm_min();
    const std::vector<double> ends{0, least, 1e-300, 1, 9, 1e155, most, infinity, not_a_number, -1};
    for (const double low : ends) {
        for (const double high : ends) {
            CAPTURE(low, high);
            for (const auto& ticks :
                 {cli::page::logarithmic_ticks(low, high, 6), cli::page::value_ticks(low, high, 6)}) {
                CHECK(ticks.size() <= 20);
                for (const cli::page::Tick& tick : ticks) {
                    CHECK(tick.place >= -1e-6);
                    CHECK(tick.place <= 1 + 1e-6);
                }
            }
        }
    }
}
