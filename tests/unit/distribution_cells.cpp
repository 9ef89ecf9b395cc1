// SPDX-License-Identifier: MIT
// Recordings of threads, and the sampler that takes them, without a counter.
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <tickertape/sketch.hpp>

#include "counter/cells.hpp"
#include "counter/distribution_totals.hpp"
#include "counter/packed_sketch.hpp"
#include "counter/registry.hpp"

#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/seed.hpp"

using test::on_threads;
using tickertape::Sketch;
using tickertape::counter::BinCounts;
using tickertape::counter::DistributionTotals;
using tickertape::counter::PackedSketch;
using tickertape::counter::record;
using tickertape::counter::Recorder;
using tickertape::counter::Scale;

namespace {

/// The totals of an id that no counter has.
struct Recorded {
    Recorded() {
        static_cast<void>(tickertape::counter::Registry::instance()); // without it threads lease no cells
        tickertape::counter::keep_spare_blocks();
    }

    Sketch take() {
        totals.take(counts);
        Sketch sketch;
        PackedSketch::assign(sketch, counts);
        return sketch;
    }

    DistributionTotals totals{tickertape::counter::max_ids - 1, Scale{}};
    Recorder recorder = totals.recorder();
    BinCounts counts;
};

/// Returns values of all kinds, near each other and far apart.
double some_value(test::Random& random) {
    switch (test::up_to(random, 5)) {
    case 0: return 0;
    case 1: return -std::pow(10, std::uniform_real_distribution{-9.0, 9.0}(random));
    case 2: return std::pow(10, std::uniform_real_distribution{-9.0, 9.0}(random));
    default: return std::lognormal_distribution{-7.0, 1.0}(random);
    }
}

/// Adds up bins, count and sum.
struct Sums {
    std::map<int, std::uint64_t> bins;
    tickertape::counter::Int128 sum = 0;

    void add(const BinCounts& counts) {
        for (const auto& [number, count] : counts.bins) {
            bins[number] += count;
        }
        sum += counts.sum;
    }
    void add(double value) {
        const double units = Scale{}.units(value);
        ++bins[tickertape::counter::bin_number(units)];
        sum += tickertape::counter::whole_clamped(units);
    }
    void add(const Sums& other, std::uint64_t times = 1) {
        for (const auto& [number, count] : other.bins) {
            bins[number] += count * times;
        }
        sum += other.sum * static_cast<tickertape::counter::Int128>(times);
    }
    friend bool operator==(const Sums&, const Sums&) = default;
};

} // namespace

TEST_CASE("the values of one thread between two ticks equal their sketch, also while its bins grow") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    Recorded recorded;
    for (int tick = 0; tick < 300; ++tick) {
        Sketch expected;
        for (std::size_t left = test::up_to(random, 40); left > 0; --left) {
            const double value = some_value(random);
            expected.record(value);
            record(recorded.recorder, value);
        }
        BinCounts peeked;
        recorded.totals.peek(peeked);
        Sketch seen;
        PackedSketch::assign(seen, peeked);
        REQUIRE(seen == expected);
        REQUIRE(recorded.take() == expected);
        PackedSketch{recorded.counts}.unpack(seen);
        REQUIRE(seen == expected);
    }
    CHECK(recorded.take().empty());
}

TEST_CASE("a thread's values go to the shared bins until a tick, and then to its own") {
    Recorded recorded;
    const auto shared_units = [&] { return recorded.totals.shared().sum_low.load(); };
    record(recorded.recorder, 0.005);
    CHECK(shared_units() > 0);
    CHECK(recorded.take().count() == 1);
    const std::uint64_t before = shared_units();
    record(recorded.recorder, 0.005);
    CHECK(shared_units() == before);
    record(recorded.recorder, 500); // another octave
    CHECK(shared_units() != before);
    CHECK(recorded.take().count() == 2);
    const std::uint64_t then = shared_units();
    record(recorded.recorder, 500);
    CHECK(shared_units() == then);
    CHECK(recorded.take().count() == 1);
}

TEST_CASE("a thread's bins take 4 kB for a factor of 100, and 36 kB for all values") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    Recorded recorded;
    const double lowest = std::pow(10, std::uniform_real_distribution{-9.0, 7.0}(random));
    for (int i = 0; i <= 1000; ++i) {
        record(recorded.recorder, lowest * std::pow(100, i / 1000.0));
        if (i % 100 == 0) {
            recorded.take();
        }
    }
    recorded.take();
    CHECK(recorded.totals.bytes_of_a_thread() > 0);
    CHECK(recorded.totals.bytes_of_a_thread() <= 4000);
    for (double value = 1e-9; value < 1.15e9; value *= 1.5) {
        record(recorded.recorder, value);
        record(recorded.recorder, -value);
    }
    recorded.take();
    CHECK(recorded.totals.bytes_of_a_thread() <= 36'000);
}

TEST_CASE("eight threads lose no value of a distribution to a sampler that ticks as fast as it can") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    Recorded recorded;
    Sums taken;
    Sums made;
    std::mutex mutex;
    std::atomic<bool> done{false};
    on_threads(
        8,
        [&](int thread) {
            test::Random random{seed + static_cast<std::uint64_t>(thread)};
            std::vector<double> values(1000);
            for (double& value : values) {
                value = some_value(random);
            }
            Sums mine;
            std::uint64_t rounds = 0;
            do {
                for (const double value : values) {
                    record(recorded.recorder, value);
                }
                ++rounds;
            } while (!done.load(std::memory_order_relaxed));
            for (const double value : values) {
                mine.add(value);
            }
            const std::lock_guard lock{mutex};
            made.add(mine, rounds);
        },
        [&] {
            for (int tick = 0; tick < 2000; ++tick) {
                recorded.take();
                if (recorded.counts.count > 0) {
                    // The figures of a bucket are consistent, even with recordings in progress.
                    REQUIRE(recorded.counts.min <= recorded.counts.max);
                    const auto number = [](double value) {
                        return tickertape::counter::bin_number(Scale{}.units(value));
                    };
                    REQUIRE(number(recorded.counts.max) == recorded.counts.bins.back().first);
                    REQUIRE(number(recorded.counts.min) == recorded.counts.bins.front().first);
                }
                taken.add(recorded.counts);
            }
            done = true;
        });
    recorded.take();
    taken.add(recorded.counts);
    CHECK(taken.bins == made.bins);
    CHECK((taken.sum == made.sum));
}

TEST_CASE("the next distribution of an id begins with nothing, in the same threads") {
    for (int i = 0; i < 3; ++i) {
        Recorded recorded;
        for (int tick = 0; tick < 3; ++tick) {
            record(recorded.recorder, 0.25);
            record(recorded.recorder, -1);
            const Sketch sketch = recorded.take();
            CHECK(sketch.count() == 2);
            CHECK(sketch.sum() == -0.75);
        }
    }
}
