// SPDX-License-Identifier: MIT
// Burst analysis of series whose figures are known in theory. The seeds are fixed, so a test always passes or always fails. The
// bounds are at least five standard deviations, so the random numbers of another library pass, too.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <range/v3/range/conversion.hpp>
#include <range/v3/view/concat.hpp>

#include <tickertape/burst.hpp>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using Catch::Approx;
using tickertape::WallTime;
namespace burst = tickertape::burst;

namespace {

const WallTime origin{1'700'000'000s};

template <class T>
burst::Samples<T> samples_of(const std::vector<T>& values, std::chrono::nanoseconds granularity = 1ms) {
    burst::Samples<T> samples{granularity};
    WallTime start = origin;
    for (const T value : values) {
        samples.push(start, value);
        start += granularity;
    }
    return samples;
}

} // namespace

TEST_CASE("burst: a constant has no dispersion, no bursts, no period, and is its own peak") {
    const auto samples = samples_of(std::vector<std::int64_t>(1000, 7));
    const auto report = burst::analyse(samples);
    for (const auto& scale : report.scales) {
        if (scale.blocks < burst::least_blocks) {
            CHECK(!scale.peak_to_mean);
            CHECK(!scale.dispersion);
            CHECK(!scale.allan);
            continue;
        }
        CHECK(scale.peak_to_mean == 1);
        CHECK(scale.dispersion == 0);
        CHECK(scale.squared_variation == 0);
        CHECK(scale.allan == 0);
    }
    CHECK(report.scales.size() == 10); // 1 … 512
    CHECK(report.mean == 7);
    CHECK(report.percentiles->min == 7);
    CHECK(report.percentiles->max == 7);
    CHECK(report.thresholds->hi == 28);
    CHECK(report.episodes->list.empty());
    CHECK(report.episodes->share_of_volume == 0);
    CHECK(report.half_in == 0.5);
    CHECK(report.ninety_in == 0.9);
    CHECK(report.lags.empty());
    CHECK(report.burstiness == Approx(-1.0 / 7));
    for (const auto& envelope : report.envelopes) {
        CHECK(envelope.queue == 0);
    }
}

TEST_CASE("burst: independent events have a dispersion of 1 at all scales, no memory and no burstiness") {
    std::mt19937_64 random{1};
    std::poisson_distribution<std::int64_t> poisson{4.0};
    std::vector<std::int64_t> values(100'000);
    for (auto& value : values) {
        value = poisson(random);
    }
    const auto samples = samples_of(values);
    for (const auto& scale : burst::scales(samples)) {
        if (scale.blocks < 100) {
            continue;
        }
        CAPTURE(scale.buckets);
        const double band = *burst::poisson_band(scale.blocks);
        CHECK(std::abs(*scale.dispersion - 1) < 3 * band); // six standard deviations
        CHECK(std::abs(*scale.allan - 1) < 4 * band);      // its variance is 1.5 times as large
    }
    CHECK(std::abs(*burst::burstiness(samples)) < 0.01);
    CHECK(std::abs(*burst::clustering(samples, std::int64_t{6}).ratio - 1) < 0.05);
    CHECK(burst::top_lags(samples).empty());
}

TEST_CASE("burst: on and off by a Markov chain: duty, lengths, memory and dispersion are the chain's") {
    constexpr double begins = 0.01; // p(on | off)
    constexpr double ends = 0.1;    // p(off | on)
    constexpr std::int64_t height = 10;
    std::mt19937_64 random{2};
    std::uniform_real_distribution<double> uniform{0, 1};
    std::vector<std::int64_t> values(400'000);
    bool on = false;
    for (auto& value : values) {
        on = on ? uniform(random) >= ends : uniform(random) < begins;
        value = on ? height : 0;
    }
    const auto samples = samples_of(values);
    const auto episodes = burst::episodes<std::int64_t>(samples, {.hi = height, .lo = 1});
    const double duty = begins / (begins + ends);
    const double memory = 1 - begins - ends; // the correlation of neighbours

    CHECK(*episodes.share_of_time == Approx(duty).epsilon(0.1));
    CHECK(episodes.share_of_volume == 1);
    // Lengths are geometric: half of them are at most ln 2 / -ln(1 - ends) = 6.6, so the nearest rank is 7.
    CHECK(episodes.length_p50 == 7);
    CHECK(*episodes.gap_p50 == Approx(std::log(0.5) / std::log(1 - begins)).epsilon(0.1));
    CHECK(static_cast<double>(episodes.list.size()) == Approx(400'000 * duty * ends).epsilon(0.1));

    const auto clustering = burst::clustering(samples, height);
    CHECK(*clustering.hot_after_hot == Approx(1 - ends).epsilon(0.01));
    CHECK(*clustering.hot_after_cold == Approx(begins).epsilon(0.1));
    CHECK(*clustering.ratio == Approx((1 - ends) / begins).epsilon(0.1));

    // Var(X at scale k) = h^2 p (1 - p) (k + 2 sum of (k - l) memory^l), E = k h p.
    for (const std::size_t k : {1U, 4U, 16U, 64U}) {
        double correlated = 0;
        for (std::size_t lag = 1; lag < k; ++lag) {
            correlated += static_cast<double>(k - lag) * std::pow(memory, static_cast<double>(lag));
        }
        const double expected = height * (1 - duty) * (1 + 2 * correlated / static_cast<double>(k));
        CAPTURE(k);
        CHECK(*burst::scale(samples, k).dispersion == Approx(expected).epsilon(0.1));
    }
    CHECK(*burst::burstiness(samples) == Approx((1 - duty) / duty - 1 / (height * duty)).epsilon(0.1));
    const auto correlation = burst::autocorrelation(samples, 20);
    CHECK(correlation[1] == Approx(memory).epsilon(0.02));
    CHECK(correlation[10] == Approx(std::pow(memory, 10)).epsilon(0.15));
}

TEST_CASE("burst: the Allan factor is twice the dispersion less that of the double scale") {
    // On and off at random, three buckets long on average, with Poisson counts at both levels.
    std::mt19937_64 random{3};
    std::uniform_real_distribution<double> uniform{0, 1};
    std::poisson_distribution<std::int64_t> quiet{1.0};
    std::poisson_distribution<std::int64_t> busy{20.0};
    std::vector<std::int64_t> values(400'000);
    bool on = false;
    for (auto& value : values) {
        on = on ? uniform(random) < 2.0 / 3 : uniform(random) < 0.02;
        value = on ? busy(random) : quiet(random);
    }
    const auto samples = samples_of(values);
    for (const std::size_t k : {1U, 2U, 4U, 8U, 16U}) {
        const double expected = 2 * *burst::scale(samples, k).dispersion - *burst::scale(samples, 2 * k).dispersion;
        CAPTURE(k);
        CHECK(*burst::scale(samples, k).allan == Approx(expected).epsilon(0.1));
    }
}

TEST_CASE("burst: a timer is found at its period, once, whether or not that is a whole number of buckets") {
    std::mt19937_64 random{4};
    std::poisson_distribution<std::int64_t> noise{2.0};
    const double period = GENERATE(100.0, 100.4, 33.3);
    std::vector<std::int64_t> values(20'000);
    for (auto& value : values) {
        value = noise(random);
    }
    for (double at = 5; at < 20'000; at += period) {
        values[static_cast<std::size_t>(at)] += 60;
    }
    const auto lags = burst::top_lags(samples_of(values));
    REQUIRE(lags.size() == 1); // 333 is the highest peak for 33.3, and 502 for 100.4
    CHECK(lags[0].buckets == static_cast<std::size_t>(period));
    CHECK(lags[0].correlation > 0.4);
}

TEST_CASE("burst: a hump has no period, and does not hide that of a timer") {
    std::mt19937_64 random{5};
    std::poisson_distribution<std::int64_t> noise{2.0};
    std::poisson_distribution<std::int64_t> hump{80.0};
    const bool has_timer = GENERATE(false, true);
    std::vector<std::int64_t> values(20'000);
    for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = noise(random) + (i >= 9000 && i < 10'500 ? hump(random) : 0);
        values[i] += has_timer && i % 100 == 7 ? 150 : 0;
    }
    const auto lags = burst::top_lags(samples_of(values));
    REQUIRE(lags.size() == (has_timer ? 1 : 0)); // the correlation of the hump ripples at all lags
    CHECK((!has_timer || lags[0].buckets == 100));
}

TEST_CASE("burst: a burst above its service rate needs a queue for the excess, with known times") {
    // 20 ms of 9 a bucket, served at 1000/s, which is 1 a bucket; 100 silent buckets before them and 500 after them.
    std::vector<std::int64_t> values(620, 0);
    std::fill_n(values.begin() + 100, 20, 9);
    const auto samples = samples_of(values);
    const auto envelope = burst::envelope(samples, 1000);
    CHECK(envelope->queue == 160);
    CHECK(envelope->since == origin + 100ms);
    CHECK(envelope->at == origin + 119ms);
    const auto twice = ranges::views::concat(values, values) | ranges::to<std::vector>();
    CHECK(burst::envelope(samples_of(twice), 1000)->at == origin + 119ms);
    CHECK(burst::envelope(samples, 9000)->queue == 0);
    CHECK(burst::envelope(samples, 0)->queue == 180);
    CHECK(burst::envelope(samples, 0.5)->queue == Approx(180 - 20 * 0.0005)); // the queue is empty at first
}
