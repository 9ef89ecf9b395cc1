// SPDX-License-Identifier: MIT
// Samples from buckets, and burst analysis of few samples.
#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

#include <range/v3/view/drop.hpp>
#include <range/v3/view/filter.hpp>

#include <tickertape/burst.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/testkit/manual_clock.hpp>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using tickertape::Bucket;
using tickertape::BucketState;
using tickertape::MetricCounter;
using tickertape::stock;
using tickertape::UsageError;
using tickertape::WallTime;
namespace burst = tickertape::burst;

namespace {

const WallTime origin{1'700'000'000s};

std::vector<std::int64_t> values_of(const burst::Samples<std::int64_t>& samples) {
    return {samples.values().begin(), samples.values().end()};
}

} // namespace

TEST_CASE("burst: a counter's window is analysed without its running bucket") {
    tickertape::testkit::ManualClock clock;
    MetricCounter requests{"burst.window", {.timespan = 100ms, .granularity = 10ms, .clock = &clock}};
    for (const int count : {2, 3, 1, 40, 2, 0, 1, 3, 2, 1}) {
        requests.add(count);
        clock.advance(10ms);
    }
    requests.add(1000);
    const burst::Samples samples{requests.window(), requests.granularity()};
    CHECK(values_of(samples) == std::vector<std::int64_t>{2, 3, 1, 40, 2, 0, 1, 3, 2, 1});
    CHECK(samples.partial() == 1);
    CHECK(samples.granularity() == 10ms);
    const auto report = burst::analyse(samples, {.service_rate = 300.0});
    CHECK(report.percentiles->max == 40);
    CHECK(report.episodes->list.size() == 1);
    CHECK(report.episodes->list[0].start == samples.start_of(3));
    REQUIRE(report.envelopes.size() == 1);
    CHECK(report.envelopes[0].queue == 37); // 3 are served in each bucket
}

TEST_CASE("burst: buckets of missed ticks are listed as smeared, and a burst with one of them is marked") {
    tickertape::testkit::ManualClock clock;
    MetricCounter requests{"burst.smeared", {.timespan = 100ms, .granularity = 10ms, .clock = &clock}};
    clock.advance(20ms);
    requests.add(90);
    clock.stall(25ms);
    clock.advance(5ms);
    requests.add(1);
    clock.advance(50ms);
    const burst::Samples samples{requests.window(), requests.granularity()};
    REQUIRE(samples.smeared().size() == 1);
    CHECK(samples.smeared()[0].count >= 2);
    const auto report = burst::analyse(samples, {.hi = 10});
    CHECK(report.smeared == samples.smeared()[0].count);
    REQUIRE(report.episodes->list.size() == 1);
    CHECK(report.episodes->list[0].smeared);
}

TEST_CASE("burst: a stock without readings is a gap, not zeros") {
    tickertape::testkit::ManualClock clock;
    MetricCounter<stock> level{"burst.level", {.timespan = 100ms, .granularity = 10ms, .clock = &clock}};
    for (const double reading : {1.5, 2.5, 0.0, 0.0, 3.0}) {
        if (reading > 0) {
            level.set(reading);
        }
        clock.advance(10ms);
    }
    const burst::Samples samples{level.window(), level.granularity()};
    REQUIRE(samples.stretches().size() == 2);
    CHECK(samples.stretches()[0].count == 2);
    CHECK(samples.stretches()[1].count == 1);
    CHECK(samples.missing() == 2);
    CHECK(burst::percentiles(samples)->min == 1.5);
}

TEST_CASE("burst: any range of buckets will do") {
    const std::vector<Bucket<std::int64_t>> buckets{
        {origin, 5, BucketState::full},        {origin + 1s, 6, BucketState::smeared},
        {origin + 2s, 7, BucketState::absent}, {origin + 3s, 8, BucketState::full},
        {origin + 4s, 9, BucketState::full},   {origin + 9s, 10, BucketState::full}};
    const burst::Samples all{buckets, 1s};
    CHECK(values_of(all) == std::vector<std::int64_t>{5, 6, 8, 9, 10});
    CHECK(all.stretches().size() == 3);
    CHECK(all.missing() == 1 + 4);
    CHECK(all.start_of(0) == origin);
    CHECK(all.start_of(3) == origin + 4s);
    CHECK(all.start_of(4) == origin + 9s);
    const burst::Samples odd{buckets | ranges::views::filter([](const auto& b) { return b.value % 2 == 1; }), 1s};
    CHECK(values_of(odd) == std::vector<std::int64_t>{5, 9});
    CHECK(odd.stretches().size() == 2);
    const burst::Samples late{buckets | ranges::views::drop(4), 1s};
    CHECK(values_of(late) == std::vector<std::int64_t>{9, 10});
}

TEST_CASE("burst: no measure reaches across a gap") {
    // 5 hot buckets, a gap, 5 hot buckets; then the same without the gap.
    burst::Samples<std::int64_t> split{1s};
    burst::Samples<std::int64_t> whole{1s};
    for (int i = 0; i < 10; ++i) {
        split.push(origin + i * 1s + (i < 5 ? 0s : 100s), 10);
        whole.push(origin + i * 1s, 10);
    }
    CHECK(burst::episodes<std::int64_t>(split, {.hi = 10, .lo = 10}, 1000).list.size() == 2);
    CHECK(burst::episodes<std::int64_t>(whole, {.hi = 10, .lo = 10}).list.size() == 1);
    CHECK(burst::envelope(split, 4)->queue == 30);
    CHECK(burst::envelope(whole, 4)->queue == 60);
    CHECK(burst::clustering(split, std::int64_t{10}).after_hot == 8);
    CHECK(burst::scale(split, 3).blocks == 2);
    CHECK(burst::scale(whole, 3).blocks == 3);
}

TEST_CASE("burst: with too little data a measure is not available") {
    const burst::Samples<std::int64_t> none{1s};
    const auto empty = burst::analyse(none);
    CHECK(!empty.burstiness);
    CHECK(!empty.mean);
    CHECK(!empty.percentiles);
    CHECK(!empty.trend);
    CHECK(empty.scales.empty());
    CHECK(!empty.thresholds);
    CHECK(!empty.episodes);
    CHECK(!empty.clustering);
    CHECK(empty.envelopes.empty());
    CHECK(!empty.half_in);
    CHECK(empty.lags.empty());
    CHECK(!burst::percentile(none, 50));
    CHECK(!burst::envelope(none, 1));
    CHECK(!burst::poisson_band(9));
    CHECK(*burst::poisson_band(201) == Catch::Approx(0.2));

    burst::Samples<double> nine{1s};
    for (int i = 0; i < 9; ++i) {
        nine.push(origin + i * 1s, i);
    }
    CHECK(!burst::scale(nine, 1).dispersion);
    CHECK(!burst::burstiness(nine));
    nine.push(origin + 9s, 9);
    CHECK(burst::scale(nine, 1).dispersion);
    CHECK(burst::burstiness(nine));
    CHECK(!burst::scale(nine, 2).dispersion);

    burst::Samples<double> zeros{1s};
    for (int i = 0; i < 100; ++i) {
        zeros.push(origin + i * 1s, 0);
    }
    const auto silent = burst::analyse(zeros);
    CHECK(!silent.burstiness);
    CHECK(!silent.scales[0].dispersion);
    CHECK(!silent.thresholds);
    CHECK(!silent.ninety_in);
    CHECK(silent.percentiles->max == 0);
}

TEST_CASE("burst: where no burst begins there is no clustering ratio, and a trend shows") {
    burst::Samples<std::int64_t> samples{1s};
    for (int i = 0; i < 41; ++i) {
        samples.push(origin + i * 1s, i < 20 ? 9 : 1);
    }
    const auto clustering = burst::clustering(samples, std::int64_t{9});
    CHECK(clustering.hot_after_cold == 0);
    CHECK(*clustering.hot_after_hot == Catch::Approx(0.95));
    CHECK(!clustering.ratio);
    CHECK(burst::trend(samples)->first_half == 9);
    CHECK(burst::trend(samples)->second_half == 1);
}

TEST_CASE("burst: nan and infinity are gaps") {
    burst::Samples<double> samples{1s};
    samples.push(origin, 1);
    samples.push(origin + 1s, std::numeric_limits<double>::quiet_NaN());
    samples.push(origin + 2s, std::numeric_limits<double>::infinity());
    samples.push(origin + 3s, 2);
    CHECK(samples.size() == 2);
    CHECK(samples.missing() == 2);
}

TEST_CASE("burst: thresholds come from the options, else from the median, else from the mean") {
    burst::Samples<std::int64_t> samples{100ms};
    for (int i = 0; i < 100; ++i) {
        samples.push(origin + i * 100ms, i % 10 == 0 ? 90 : 3);
    }
    CHECK(burst::usual_thresholds(samples)->hi == 12);
    CHECK(burst::usual_thresholds(samples)->lo == 6);
    CHECK(burst::thresholds_of_capacity(samples, 505).hi == 26); // 25.25 in 100 ms
    CHECK(burst::thresholds_of_capacity(samples, 505).lo == 13);
    CHECK(burst::analyse(samples, {.capacity = 505}).thresholds->hi == 26);
    CHECK(burst::analyse(samples, {.capacity = 505}).envelopes.at(0).service_rate == 505);
    CHECK(burst::analyse(samples, {.capacity = 505, .hi = 7, .lo = 2}).thresholds->hi == 7);
    CHECK(burst::analyse(samples, {.capacity = 505, .hi = 7, .lo = 2}).thresholds->lo == 2);
    CHECK(burst::analyse(samples, {.hi = 7}).thresholds->lo == 4);

    burst::Samples<std::int64_t> sparse{100ms};
    for (int i = 0; i < 100; ++i) {
        sparse.push(origin + i * 100ms, i % 10 == 0 ? 30 : 0);
    }
    CHECK(burst::usual_thresholds(sparse)->hi == 12); // the mean is 3
}

TEST_CASE("burst: only rates and thresholds beyond the range of double are left out") {
    burst::Samples<double> samples{1s};
    samples.push(origin, 1e308);
    samples.push(origin + 1s, 1e308);
    const auto report = burst::analyse(samples, {});
    CHECK(report.mean == 1e308);
    REQUIRE(report.envelopes.size() == 1);
    CHECK(report.envelopes[0].service_rate == 1.25e308);
    CHECK(!report.thresholds);
    CHECK(burst::analyse(samples, {.hi = 1e308}).thresholds->hi == 1e308);
}

TEST_CASE("burst: misuse is refused with a sentence") {
    CHECK_THROWS_AS(burst::Samples<double>{0s}, UsageError);
    burst::Samples<double> samples{1s};
    samples.push(origin, 1);
    CHECK_THROWS_AS(samples.push(origin, 1), UsageError);
    CHECK_THROWS_AS(samples.push(origin + 999ms, 1), UsageError);
    CHECK_THROWS_AS(burst::scale(samples, 0), UsageError);
    CHECK_THROWS_AS(burst::percentile(samples, 101), UsageError);
    CHECK_THROWS_AS(burst::concentration(samples, 1, 0), UsageError);
    CHECK_THROWS_AS(burst::envelope(samples, -1), UsageError);
    CHECK_THROWS_AS(burst::envelope(samples, std::numeric_limits<double>::infinity()), UsageError);
    CHECK_THROWS_AS(burst::thresholds_of_capacity(samples, 0), UsageError);
    CHECK_THROWS_AS(burst::episodes<double>(samples, {.hi = 1, .lo = 2}), UsageError);
    CHECK_THROWS_AS(burst::analyse(samples, {.hi = 1, .lo = 2}), UsageError);
    CHECK_THROWS_AS(burst::analyse(samples, {.hi = std::numeric_limits<double>::quiet_NaN()}), UsageError);
    CHECK_THROWS_AS(burst::analyse(samples, {.hi = 1, .lo = -std::numeric_limits<double>::infinity()}), UsageError);
}
