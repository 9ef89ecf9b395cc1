// SPDX-License-Identifier: MIT
// From readings to buckets: their timestamps, and the values that dedup held back.
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include <cli/lines/expand.hpp>
#include <tickertape/dedup.hpp>
#include <tickertape/testkit/memory.hpp>

#include "support/catch.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using test::once_in;
using test::Random;
using test::up_to;
using tickertape::Value;
using tickertape::burst::Samples;
using tickertape::cli::lines::expand;
using tickertape::cli::lines::Reading;
using tickertape::cli::lines::spacing;

namespace {

constexpr std::int64_t origin = 1'700'000'000'000;

std::vector<Reading> readings(const std::vector<std::pair<std::int64_t, double>>& seconds_and_values) {
    std::vector<Reading> result;
    for (const auto& [seconds, value] : seconds_and_values) {
        result.emplace_back(origin + seconds * 1000, Value{value});
    }
    return result;
}

const Samples<std::int64_t>& counts(const tickertape::cli::lines::Expanded& expanded) {
    return std::get<Samples<std::int64_t>>(expanded.samples);
}

std::vector<std::size_t> lengths(const tickertape::cli::lines::Expanded& expanded) {
    std::vector<std::size_t> result;
    std::visit(
        [&](const auto& samples) {
            for (const auto& stretch : samples.stretches()) {
                result.push_back(stretch.count);
            }
        },
        expanded.samples);
    return result;
}

} // namespace

TEST_CASE("burst expand: a step more than half too long is a gap, unless the value stayed and dedup may have held it") {
    const auto given = readings({{0, 1}, {1, 2}, {2, 2}, {5, 2}, {6, 3}, {9, 4}, {309, 4}, {610, 4}});
    const auto expanded = expand(given, {.step = 1s, .dedup = 300s});
    CHECK(lengths(expanded) == std::vector<std::size_t>{7, 301, 1}); // 3 at 6 is before a gap
    CHECK(expanded.filled == 2 + 299);
    CHECK(lengths(expand(given, {.step = 1s, .dedup = 0s})) == std::vector<std::size_t>{3, 2, 1, 1, 1});

    std::vector<Reading> fine;
    for (const std::int64_t at : {0, 10, 20, 60, 70}) {
        fine.emplace_back(origin + at, Value{1});
    }
    CHECK(lengths(expand(fine, {.step = 10ms})) == std::vector<std::size_t>{3, 2}); // these are never held back
}

TEST_CASE("burst expand: stamps may jitter, and of two in a bucket the later stays") {
    std::vector<Reading> given;
    for (const std::int64_t at : {0, 1100, 1900, 2000, 3300}) {
        given.emplace_back(origin + at, Value{at});
    }
    const auto expanded = expand(given, {.step = 1s});
    CHECK(lengths(expanded) == std::vector<std::size_t>{4});
    CHECK(expanded.too_close == 1);
    CHECK(counts(expanded).values()[2] == 2000);
    CHECK(counts(expanded).start_of(3).time_since_epoch() == std::chrono::milliseconds{origin + 3000});
}

TEST_CASE("burst expand: readings that come faster than a step make no more buckets than the time has") {
    for (int trial = 0; trial < 100; ++trial) {
        const std::uint64_t seed = test::seed();
        CAPTURE(seed);
        Random random{seed};
        std::vector<Reading> given;
        const auto closest = 1 + up_to(random, 900);
        std::int64_t at = 0;
        for (int i = 0; i < 500; ++i) {
            given.emplace_back(origin + at, Value{i});
            at += static_cast<std::int64_t>(closest + up_to(random, 999 - closest));
        }
        const auto expanded = expand(given, {.step = 1s, .dedup = 0s});
        const Samples<std::int64_t>& samples = counts(expanded);
        CAPTURE(closest, at);
        REQUIRE(samples.stretches().size() == 1);
        REQUIRE(samples.size() + expanded.too_close == given.size());
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const auto timestamp = samples.start_of(i).time_since_epoch();
            const Reading& reading = given[static_cast<std::size_t>(samples.values()[i])];
            REQUIRE(timestamp - std::chrono::milliseconds{reading.stamp()} <= 500ms);
        }
    }
}

TEST_CASE("burst expand: whatever the distances of stamps, timestamps stay beside them") {
    for (int trial = 0; trial < 300; ++trial) {
        const std::uint64_t seed = test::seed();
        CAPTURE(seed);
        Random random{seed};
        const auto step = static_cast<std::int64_t>(1000 + up_to(random, 20'000));
        const auto closest = 1 + up_to(random, static_cast<std::uint64_t>(2 * step));
        const auto wider = up_to(random, static_cast<std::uint64_t>(2 * step));
        const bool all_equal = once_in(random, 3);
        std::vector<Reading> given;
        std::int64_t at = 0;
        for (int i = 0; i < 500; ++i) {
            given.emplace_back(origin + at, Value{all_equal ? 7 : i});
            at += static_cast<std::int64_t>(closest + (wider > 0 ? up_to(random, wider) : 0));
        }
        CAPTURE(step, closest, wider, all_equal);
        const auto expanded = expand(given, {.step = std::chrono::milliseconds{step}});
        const Samples<std::int64_t>& samples = counts(expanded);
        REQUIRE(samples.size() + expanded.too_close == given.size() + expanded.filled);
        const auto lag = [&](std::size_t index, const Reading& reading) {
            return std::chrono::milliseconds{reading.stamp()} -
                   std::chrono::floor<std::chrono::milliseconds>(samples.start_of(index).time_since_epoch());
        };
        REQUIRE(2 * lag(samples.size() - 1, given.back()).count() >= -step);
        REQUIRE(lag(samples.size() - 1, given.back()).count() <= step);
        if (all_equal) {
            REQUIRE(samples.stretches().size() == 1);
            continue;
        }
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const auto behind = lag(i, given[static_cast<std::size_t>(samples.values()[i])]).count();
            REQUIRE(2 * behind >= -step);
            REQUIRE(behind <= step);
        }
    }
}

TEST_CASE(
    "burst expand: with stamps one and a half steps apart no reading is lost, and the additional buckets are missing") {
    std::vector<Reading> given;
    for (std::int64_t i = 0; i < 2000; ++i) {
        given.emplace_back(origin + 2500 * i - 500 * (i % 2), Value{i}); // distances of 2 s and 3 s alternate
    }
    const auto expanded = expand(given, {.step = 2s, .dedup = 0s});
    CHECK(expanded.too_close == 0);
    CHECK(counts(expanded).size() == 2000);
    CHECK(counts(expanded).missing() == 500);

    std::vector<Reading> equal;
    for (std::int64_t i = 0; i < 1000; ++i) {
        equal.emplace_back(origin + 17'000 * i, Value{1});
    }
    CHECK(lengths(expand(equal, {.step = 10s})) == std::vector<std::size_t>{1699});
}

TEST_CASE("burst expand: beyond the limit of buckets the oldest are left out") {
    const auto given = readings({{0, 1}, {1, 2}, {100, 2}, {101, 3}, {102, 4}});
    const auto expanded = expand(given, {.step = 1s, .most_buckets = 50});
    CHECK(lengths(expanded) == std::vector<std::size_t>{3});
    CHECK(expanded.left_out == 2);
}

TEST_CASE("burst expand: a deduped stream has the buckets of the raw one, and shows its step") {
    for (int trial = 0; trial < 200; ++trial) {
        const std::uint64_t seed = test::seed();
        CAPTURE(seed);
        Random random{seed};
        const auto step = std::vector{1s, 2s, 5s, 7s, 60s}[up_to(random, 4)];
        const tickertape::Series series{"m", {{"a", "b"}}, {.step = step}};
        tickertape::Memory memory;
        tickertape::Dedup dedup{memory, {.interval = 300s}};
        std::vector<Reading> raw;
        Value value{0};
        const auto stay = 1 + up_to(random, 400);
        const auto length = 20 + up_to(random, 1500);
        for (std::size_t i = 0; i < length; ++i) {
            if (once_in(random, stay) || i == 1) {
                value = once_in(random, 3) ? Value{0.5} : Value{up_to(random, 3)};
            }
            const tickertape::Point point{
                series, tickertape::WallTime{std::chrono::milliseconds{origin} + step * static_cast<int>(i)}, value};
            raw.emplace_back(std::chrono::floor<std::chrono::milliseconds>(point.time()).time_since_epoch().count(),
                             value);
            dedup.publish({&point, 1});
        }
        dedup.flush({});
        std::vector<Reading> thin;
        for (const auto& point : memory.points()) {
            thin.emplace_back(std::chrono::floor<std::chrono::milliseconds>(point.time()).time_since_epoch().count(),
                              point.value());
        }
        if (spacing(thin).changes) {
            REQUIRE(spacing(thin).smallest == step);
        }
        const auto from_raw = expand(raw, {.step = step, .dedup = 0s});
        const auto from_thin = expand(thin, {.step = step});
        REQUIRE(from_raw.samples.index() == from_thin.samples.index());
        REQUIRE(from_thin.filled == raw.size() - thin.size());
        std::visit(
            [&]<class S>(const S& samples) {
                const S& expanded = std::get<S>(from_thin.samples);
                REQUIRE(std::vector(samples.values().begin(), samples.values().end()) ==
                        std::vector(expanded.values().begin(), expanded.values().end()));
                REQUIRE(samples.stretches().size() == 1);
                REQUIRE(std::vector(samples.stretches().begin(), samples.stretches().end()) ==
                        std::vector(expanded.stretches().begin(), expanded.stretches().end()));
            },
            from_raw.samples);
    }
}

TEST_CASE("burst expand: a sum has a bucket where all of its series that live have one") {
    const tickertape::WallTime start{std::chrono::milliseconds{origin}};
    tickertape::cli::lines::SumOfSeries sum{1s, start - 5s, start + 6s};
    sum.add(expand(readings({{0, 1}, {1, 2}, {2, 3}, {3, 4}}), {.step = 1s}).samples);
    sum.add(expand(readings({{2, 10}, {3, 10}, {5, 12}, {6, 10}}), {.step = 1s}).samples);
    sum.add(expand(readings({{-9, 7}, {-1, 5}, {0, 5}}), {.step = 1s}).samples);
    CHECK(sum.series() == 3);
    const auto samples = std::get<Samples<std::int64_t>>(sum.sum());
    CHECK(std::vector(samples.values().begin(), samples.values().end()) ==
          std::vector<std::int64_t>{5, 6, 2, 13, 14, 12, 10});
    REQUIRE(samples.stretches().size() == 2);
    CHECK(samples.stretches()[0].start.time_since_epoch() == std::chrono::milliseconds{origin - 1000});
    CHECK(samples.stretches()[1].start.time_since_epoch() == std::chrono::milliseconds{origin + 5000});

    CHECK(sum.left_out() == 1);

    // A series that continues while another one has its gap adds no bucket.
    sum.add(expand(readings({{3, 100}, {4, 100}, {5, 100}}), {.step = 1s}).samples);
    const auto more = std::get<Samples<std::int64_t>>(sum.sum());
    CHECK(std::vector(more.values().begin(), more.values().end()) ==
          std::vector<std::int64_t>{5, 6, 2, 13, 114, 112, 10});
    CHECK(more.stretches().size() == 2);

    // Readings after the latest time are left out.
    sum.add(expand(readings({{6, 1}, {7, 1}, {9, 1}}), {.step = 1s, .dedup = 0s}).samples);
    sum.add(expand(readings({{8, 1}}), {.step = 1s}).samples);
    CHECK(sum.left_out() == 4);
    const auto cut = std::get<Samples<std::int64_t>>(sum.sum());
    CHECK(cut.values().back() == 11);
    CHECK(cut.size() == more.size());

    sum.add(expand(readings({{3, 0.5}}), {.step = 1s}).samples);
    const auto mixed = std::get<Samples<double>>(sum.sum());
    CHECK(mixed.values()[4] == 114.5);
}
