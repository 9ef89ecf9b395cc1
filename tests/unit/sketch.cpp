// SPDX-License-Identifier: MIT
// A sketch compared with the sorted values.
#include <tickertape/name.hpp>
#include <tickertape/sketch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/seed.hpp"

using tickertape::Sketch;
using tickertape::UsageError;

namespace {

using test::Random;

/// Returns many values of some kind, all within the bins.
struct Kind {
    std::string name;
    std::function<double(Random&)> make;
};

double uniform(Random& random, double low, double high) { return std::uniform_real_distribution{low, high}(random); }

std::vector<Kind> kinds() {
    const auto sign = [](Random& random) { return random() % 2 == 0 ? 1.0 : -1.0; };
    return {
        {"uniform", [](Random& random) { return uniform(random, 1e-9, 1e9); }},
        {"uniform, both signs", [](Random& random) { return uniform(random, -1e3, 1e3); }},
        {"uniform in the exponent", [](Random& random) { return std::pow(10, uniform(random, -9, 9)); }},
        {"uniform in the exponent, both signs",
         [sign](Random& random) { return sign(random) * std::pow(10, uniform(random, -9, 9)); }},
        {"log-normal", [](Random& random) { return std::lognormal_distribution{-7.0, 1.5}(random); }},
        {"log-normal, negative", [](Random& random) { return -std::lognormal_distribution{3.0, 2.0}(random); }},
        {"bimodal",
         [](Random& random) {
             return random() % 50 == 0 ? std::normal_distribution{1.2, 0.1}(random)
                                       : std::lognormal_distribution{-6.0, 0.2}(random);
         }},
        {"zero and whole numbers", [](Random& random) { return static_cast<double>(random() % 5) - 2; }},
        {"powers of two and their neighbours",
         [sign](Random& random) {
             const double power = std::ldexp(1e-9, 1 + static_cast<int>(random() % 58));
             const std::array<double, 3> near{power, std::nextafter(power, 0.0), std::nextafter(power, 1e300)};
             return sign(random) * near[random() % 3];
         }},
        {"edges of bins",
         [sign](Random& random) {
             const std::size_t bin = random() % tickertape::counter::bins_of_octave;
             const double edge = std::ldexp(1e-9 * (1 + tickertape::counter::octave_division.edge[bin] / 512.0),
                                            1 + static_cast<int>(random() % 58));
             return sign(random) * (random() % 2 == 0 ? edge : std::nextafter(edge, 0.0));
         }},
        {"one value", [](Random&) { return 0.25; }},
        {"all at the end but one in a hundred",
         [](Random& random) { return random() % 100 == 0 ? 1e-9 : uniform(random, 9.99e8, 1e9); }},
    };
}

/// Returns the value that at least `share` of the values do not exceed.
double exact_quantile(const std::vector<double>& sorted, double share) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size()) - 1e-6));
    return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

bool is_within(double value, double exact) {
    return std::abs(value - exact) <= tickertape::counter::bin_error * std::abs(exact);
}

} // namespace

TEST_CASE("a sketch knows count, sum, min and max exactly and every quantile within 1 %") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    for (const Kind& kind : kinds()) {
        for (const std::size_t size : {1U, 2U, 3U, 10U, 101U, 1000U, 20'000U}) {
            Random random{seed};
            Sketch sketch;
            std::vector<double> values;
            __extension__ __int128 units = 0;
            for (std::size_t i = 0; i < size; ++i) {
                const double value = kind.make(random);
                values.push_back(value);
                units += std::llrint(value * 1e9);
                REQUIRE(sketch.record(value));
            }
            std::sort(values.begin(), values.end());
            INFO(kind.name << ", " << size << " values");
            REQUIRE(sketch.count() == size);
            REQUIRE((sketch.sum_in_units() == units));
            REQUIRE(sketch.min() == values.front());
            REQUIRE(sketch.max() == values.back());
            REQUIRE(sketch.clamped() == 0);
            for (const double share : {0.0, 1e-6, 0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0}) {
                const double exact = exact_quantile(values, share);
                INFO("quantile " << share << " is " << exact << ", told " << sketch.quantile(share));
                REQUIRE(is_within(sketch.quantile(share), exact));
            }
        }
    }
}

TEST_CASE("sketches merged in any order and any grouping are the sketch of all values") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    for (const Kind& kind : kinds()) {
        Random random{seed};
        std::vector<Sketch> parts(7);
        Sketch all;
        for (int i = 0; i < 2000; ++i) {
            const double value = kind.make(random);
            parts[random() % parts.size()].record(value);
            all.record(value);
        }
        INFO(kind.name);
        for (int order = 0; order < 10; ++order) {
            std::vector<Sketch> left = parts;
            while (left.size() > 1) {
                std::shuffle(left.begin(), left.end(), random);
                const Sketch last = std::move(left.back());
                left.pop_back();
                left.back().merge(last);
            }
            REQUIRE(left.front() == all);
        }
    }
}

TEST_CASE("a value recorded with a count equals that many recordings of it") {
    Sketch once;
    once.record(0.003, 1000);
    once.record(7, 0);
    Sketch often;
    for (int i = 0; i < 1000; ++i) {
        often.record(0.003);
    }
    CHECK(once == often);
}

TEST_CASE("a sketch refuses nan and infinities") {
    Sketch sketch;
    CHECK_FALSE(sketch.record(std::nan("")));
    CHECK_FALSE(sketch.record(std::numeric_limits<double>::infinity()));
    CHECK_FALSE(sketch.record(-std::numeric_limits<double>::infinity()));
    CHECK(sketch == Sketch{});
    CHECK(sketch.quantile(0.99) == 0);
    CHECK(sketch.max() == 0);
}

TEST_CASE("values outside of the bins are clamped and counted, and min and max stay exact") {
    Sketch sketch;
    CHECK(sketch.record(1e-12));
    CHECK(sketch.record(-1e-300));
    CHECK(sketch.record(4e12));
    CHECK(sketch.record(std::numeric_limits<double>::max()));
    CHECK(sketch.record(-5e300));
    CHECK(sketch.clamped() == 5);
    CHECK(sketch.count() == 5);
    CHECK(sketch.min() == -5e300);
    CHECK(sketch.max() == std::numeric_limits<double>::max());
    CHECK(is_within(sketch.quantile(0.79), 0x1p60 / 1e9)); // the fourth of five, in the last bin
    CHECK((sketch.sum_in_units() == static_cast<tickertape::counter::Int128>(0x1p60)));

    Sketch inside;
    for (const double value : {0.0, -0.0, 1e-9, -1e-9, 1e9, -1e9, 1.15e9}) {
        CHECK(inside.record(value));
    }
    CHECK(inside.clamped() == 0);
}

TEST_CASE("a sketch's zero has no sign") {
    Sketch sketch;
    sketch.record(-0.0);
    CHECK_FALSE(std::signbit(sketch.max()));
    CHECK_FALSE(std::signbit(sketch.quantile(0.5)));
}

TEST_CASE("the resolution moves the bins and the rounding of the sum") {
    Sketch bytes{1};
    for (const double size : {1.0, 1500.0, 1e12, 1e18}) {
        CHECK(bytes.record(size));
    }
    CHECK(bytes.clamped() == 0);
    CHECK(bytes.sum() == 1e18 + 1e12 + 1501);
    CHECK(bytes.record(0.4));
    CHECK(bytes.clamped() == 1);

    Sketch blocks{4096};
    CHECK(blocks.record(3 * 4096.0));
    CHECK(blocks.record(4096.0 + 1));
    CHECK(blocks.sum() == 4 * 4096);

    CHECK_THROWS_AS(bytes.merge(blocks), UsageError);
    for (const double wrong : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity(), 5e-324}) {
        CHECK_THROWS_AS(Sketch{wrong}, UsageError);
    }
}

TEST_CASE("a sum of nanoseconds is as exact as a double can be") {
    Sketch sketch;
    for (int i = 0; i < 10; ++i) {
        sketch.record(0.1);
    }
    CHECK(sketch.sum() == 1);
    CHECK(sketch.mean() == 0.1);
}

TEST_CASE("counts up to a bound rise with it and are exact except for values within 1 % of it") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    for (const Kind& kind : kinds()) {
        Random random{seed};
        Sketch sketch;
        std::vector<double> values;
        for (int i = 0; i < 3000; ++i) {
            values.push_back(kind.make(random));
            sketch.record(values.back());
        }
        std::sort(values.begin(), values.end());
        std::vector<double> bounds{-1e10, -1, -1e-9, 0, 1e-9, 0.001, 1, 1e3, 1e10};
        bounds.insert(bounds.end(), {values.front(), values[10], values[1500], values.back()});
        std::sort(bounds.begin(), bounds.end());
        std::uint64_t before = 0;
        for (const double bound : bounds) {
            INFO(kind.name << " up to " << bound);
            const double margin = 1.0001 * tickertape::counter::bin_error * std::abs(bound);
            const auto count_below = [&values](double limit) {
                return static_cast<std::uint64_t>(std::upper_bound(values.begin(), values.end(), limit) -
                                                  values.begin());
            };
            const std::uint64_t count = sketch.count_up_to(bound);
            REQUIRE(count >= count_below(bound - margin));
            REQUIRE(count <= count_below(bound + margin));
            REQUIRE(count >= before);
            before = count;
        }
        REQUIRE(before == sketch.count());
    }
}
