// SPDX-License-Identifier: MIT
// The measures of burst analysis compared with their definitions, on random series with gaps.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <tickertape/burst.hpp>

#include "support/catch.hpp"
#include "support/naive_burst.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using test::once_in;
using test::Random;
using test::up_to;
using test::naive::Counts;
using test::naive::Exact;
using tickertape::WallTime;
namespace burst = tickertape::burst;

namespace {

constexpr auto step = 10ms;
const WallTime origin{1'700'000'000s};

/// Makes stretches of idle, busy and constant parts, with small, large or enormous numbers.
Counts random_counts(Random& random, bool negative) {
    const std::vector<std::int64_t> sizes{1, 5, 1000, 4'000'000'000, std::numeric_limits<std::int64_t>::max()};
    const std::int64_t most = sizes[up_to(random, sizes.size() - 1)];
    Counts counts;
    const std::size_t stretches = 1 + up_to(random, 3);
    for (std::size_t s = 0; s < stretches; ++s) {
        counts.emplace_back();
        const std::size_t length = 1 + up_to(random, 60);
        while (counts.back().size() < length) {
            const std::size_t piece = 1 + up_to(random, 12);
            const std::int64_t level = once_in(random, 2) ? 0 : most;
            for (std::size_t i = 0; i < piece; ++i) {
                const std::int64_t low = negative && once_in(random, 3) ? -level : 0;
                counts.back().push_back(std::uniform_int_distribution<std::int64_t>{low, level}(random));
            }
        }
    }
    return counts;
}

burst::Samples<std::int64_t> samples_of(const Counts& counts) {
    burst::Samples<std::int64_t> samples{step};
    WallTime start = origin;
    for (const auto& stretch : counts) {
        for (const std::int64_t value : stretch) {
            samples.push(start, value);
            start += step;
        }
        start += 7 * step;
    }
    return samples;
}

burst::Samples<double> readings_of(const Counts& counts) {
    burst::Samples<double> samples{step};
    WallTime start = origin;
    for (const auto& stretch : counts) {
        for (const std::int64_t value : stretch) {
            samples.push(start, static_cast<double>(value));
            start += step;
        }
        start += 7 * step;
    }
    return samples;
}

bool near(std::optional<double> found, const Exact& exact, double tolerance) {
    const auto expected = static_cast<double>(exact);
    return found && std::abs(*found - expected) <= tolerance * std::max(std::abs(expected), 1e-300);
}

constexpr double rounding = 4e-16; // for a quotient that is exact except for its last operations

template <class F>
void on_random_counts(bool negative, F&& f) {
    for (int trial = 0; trial < 150; ++trial) {
        const std::uint64_t seed = test::seed();
        CAPTURE(seed);
        Random random{seed};
        const Counts counts = random_counts(random, negative);
        CAPTURE(counts);
        f(counts, random);
    }
}

} // namespace

TEST_CASE("burst: dispersion over scales is exact for counts of any size") {
    on_random_counts(true, [](const Counts& counts, Random&) {
        const auto samples = samples_of(counts);
        for (const std::size_t k : {1U, 2U, 3U, 4U, 8U}) {
            const burst::Scale found = burst::scale(samples, k);
            const auto expected = test::naive::dispersion(counts, k);
            CAPTURE(k);
            REQUIRE(found.dispersion.has_value() == expected.has_value());
            if (!expected) {
                REQUIRE((!found.peak_to_mean && !found.squared_variation && !found.allan));
                continue;
            }
            // Beyond 128 bits, where the squares of the largest sums are, the sums are of long double.
            const double tolerance = rounding * 8;
            REQUIRE(found.blocks == expected->blocks);
            REQUIRE(near(found.peak_to_mean, expected->peak_to_mean, tolerance));
            REQUIRE(near(found.dispersion, expected->dispersion, tolerance));
            REQUIRE(near(found.squared_variation, expected->squared_variation, tolerance));
            REQUIRE(found.allan.has_value() == expected->allan.has_value());
            REQUIRE((!found.allan || near(found.allan, *expected->allan, tolerance)));
        }
    });
}

TEST_CASE("burst: the dispersion of readings equals that of counts except for rounding") {
    on_random_counts(false, [](const Counts& counts, Random&) {
        const burst::Scale readings = burst::scale(readings_of(counts), 2);
        const auto expected = test::naive::dispersion(counts, 2);
        REQUIRE(readings.dispersion.has_value() == expected.has_value());
        if (expected) {
            REQUIRE(near(readings.dispersion, expected->dispersion, 1e-9));
            REQUIRE(near(readings.squared_variation, expected->squared_variation, 1e-9));
            REQUIRE(near(readings.peak_to_mean, expected->peak_to_mean, 1e-12));
        }
    });
}

TEST_CASE("burst: percentiles are values at the nearest rank") {
    on_random_counts(true, [](const Counts& counts, Random& random) {
        const auto samples = samples_of(counts);
        const auto found = burst::percentiles(samples);
        REQUIRE(found->p50 == test::naive::percentile(counts, 50, 100));
        REQUIRE(found->p95 == test::naive::percentile(counts, 95, 100));
        REQUIRE(found->p99 == test::naive::percentile(counts, 99, 100));
        REQUIRE(found->min == test::naive::percentile(counts, 0, 100));
        REQUIRE(found->max == test::naive::percentile(counts, 100, 100));
        const auto part = static_cast<std::uint32_t>(up_to(random, 1000));
        REQUIRE(burst::percentile(samples, part, 1000) == test::naive::percentile(counts, part, 1000));
    });
}

TEST_CASE("burst: the envelope is the worst of all windows") {
    on_random_counts(true, [](const Counts& counts, Random& random) {
        const auto samples = samples_of(counts);
        const auto biggest = static_cast<double>(burst::percentiles(samples)->max);
        // per second, a whole number below 2^53; a bucket is a hundredth of a second
        const double rate = std::min(std::floor(biggest * static_cast<double>(up_to(random, 200))), 9e15);
        const auto found = burst::envelope(samples, std::max(rate, 0.0));
        const Exact expected = test::naive::queue(counts, Exact{std::max(rate, 0.0)} / 100);
        CAPTURE(rate);
        if (expected == 0) {
            REQUIRE(found->queue == 0);
        } else {
            REQUIRE(near(found->queue, expected, rounding));
        }
        const auto rounded = burst::envelope(readings_of(counts), std::max(rate, 0.0));
        REQUIRE(std::abs(rounded->queue - static_cast<double>(expected)) <= 1e-12 * std::max(biggest, 1.0));
    });
}

TEST_CASE("burst: the buckets that hold a share of the volume are the fewest") {
    on_random_counts(false, [](const Counts& counts, Random& random) {
        const auto part = static_cast<std::uint32_t>(up_to(random, 100));
        const auto found = burst::concentration(samples_of(counts), part);
        const auto n = static_cast<double>(test::naive::all(counts).size());
        if (test::naive::sum(test::naive::all(counts)) == 0) {
            REQUIRE(!found);
        } else {
            REQUIRE(found == static_cast<double>(test::naive::buckets_that_hold(counts, part, 100)) / n);
        }
    });
}

TEST_CASE("burst: autocorrelation by FFT is that by definition, within stretches") {
    on_random_counts(true, [](const Counts& counts, Random& random) {
        const std::size_t lags = 1 + up_to(random, 70);
        const auto found = burst::autocorrelation(samples_of(counts), lags);
        const auto values = test::naive::all(counts);
        if (std::all_of(values.begin(), values.end(), [&](std::int64_t value) { return value == values[0]; })) {
            REQUIRE(found.empty());
            return;
        }
        REQUIRE(found.size() == lags + 1);
        for (std::size_t lag = 0; lag <= lags; ++lag) {
            CAPTURE(lag);
            REQUIRE(std::abs(found[lag] - test::naive::correlation(counts, lag)) < 1e-11);
        }
    });
}

TEST_CASE("burst: episodes are the runs of hot buckets with the warm ones after them, joined over short holes") {
    on_random_counts(false, [](const Counts& counts, Random& random) {
        const auto samples = samples_of(counts);
        const std::int64_t largest = burst::percentiles(samples)->max;
        const auto hi = std::uniform_int_distribution<std::int64_t>{0, largest}(random);
        const auto lo = std::uniform_int_distribution<std::int64_t>{0, hi}(random);
        const std::size_t join = up_to(random, 4);
        const auto found = burst::episodes(samples, {.hi = hi, .lo = lo}, join);
        const auto expected = test::naive::bursts(counts, hi, lo, join);
        CAPTURE(hi, lo, join);

        std::size_t next = 0;
        std::size_t cut = 0;
        std::vector<std::size_t> gaps;
        Exact volume = 0;
        for (std::size_t s = 0; s < counts.size(); ++s) {
            const auto& stretch = counts[s];
            for (std::size_t b = 0; b < expected[s].size(); ++b) {
                const auto [first, end] = expected[s][b];
                REQUIRE(next < found.list.size());
                const auto& episode = found.list[next];
                REQUIRE(episode.start == samples.stretches()[s].start + step * static_cast<std::int64_t>(first));
                REQUIRE(episode.buckets == end - first);
                const std::vector<std::int64_t> inside(stretch.begin() + static_cast<std::ptrdiff_t>(first),
                                                       stretch.begin() + static_cast<std::ptrdiff_t>(end));
                REQUIRE(episode.peak == *std::max_element(inside.begin(), inside.end()));
                REQUIRE(episode.volume == static_cast<double>(test::naive::sum(inside)));
                REQUIRE(episode.cut == (first == 0 || end == stretch.size()));
                cut += episode.cut ? 1 : 0;
                volume += test::naive::sum(inside);
                if (b > 0) {
                    gaps.push_back(first - expected[s][b - 1].second);
                }
                ++next;
            }
        }
        REQUIRE(next == found.list.size());
        REQUIRE(found.cut == cut);
        std::sort(gaps.begin(), gaps.end());
        REQUIRE(found.gap_p50 == (gaps.empty() ? std::nullopt : std::optional{gaps[(gaps.size() + 1) / 2 - 1]}));
        const Exact all = test::naive::sum(test::naive::all(counts));
        REQUIRE(found.share_of_volume.has_value() == (all > 0));
        REQUIRE((all == 0 || volume == 0 || near(found.share_of_volume, volume / all, rounding)));
    });
}

TEST_CASE("burst: clustering counts neighbours of a stretch") {
    on_random_counts(false, [](const Counts& counts, Random& random) {
        const auto samples = samples_of(counts);
        const auto hi = std::uniform_int_distribution<std::int64_t>{0, burst::percentiles(samples)->max}(random);
        std::size_t pairs[2][2] = {};
        for (const auto& stretch : counts) {
            for (std::size_t i = 0; i + 1 < stretch.size(); ++i) {
                ++pairs[stretch[i] >= hi ? 1 : 0][stretch[i + 1] >= hi ? 1 : 0];
            }
        }
        const auto found = burst::clustering(samples, hi);
        REQUIRE(found.after_hot == pairs[1][0] + pairs[1][1]);
        REQUIRE(found.after_cold == pairs[0][0] + pairs[0][1]);
        const bool enough = found.after_hot >= 10 && found.after_cold >= 10 && pairs[0][1] > 0;
        REQUIRE(found.ratio.has_value() == enough);
        if (enough) {
            REQUIRE(near(found.ratio, Exact{pairs[1][1]} / found.after_hot / (Exact{pairs[0][1]} / found.after_cold),
                         rounding * 2));
        }
    });
}
