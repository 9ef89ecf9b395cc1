// SPDX-License-Identifier: MIT
// No recording is lost or counted twice, in count and in sum: threads that come and go, signal handlers, late ticks.
#include <tickertape/distribution.hpp>

#include <pthread.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using test::on_threads;
using tickertape::distribution;
using tickertape::MetricCounter;
using tickertape::Sketch;
using tickertape::testkit::ManualClock;

namespace {

constexpr int ticks_until_folded = 64; // after this number of ticks, the totals of an ended thread are folded

/// All buckets of the counter: a window after each tick would miss the buckets of late ticks, so a short ring is read in time.
struct Collected {
    Sketch all;
    tickertape::WallTime next = test::epoch;

    void look(const MetricCounter<distribution>& counter) {
        const auto window = counter.window();
        for (const auto& bucket : window) {
            if (&bucket + 1 != window.end() && bucket.start >= next &&
                bucket.state != tickertape::BucketState::absent) {
                all.merge(bucket.value);
                next = bucket.start + 1ms;
            }
        }
    }
};

void check_equal(const Sketch& told, const Sketch& made) {
    CHECK(told.count() == made.count());
    CHECK((told.sum_in_units() == made.sum_in_units()));
    for (const double share : {0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999}) {
        CHECK(std::abs(told.quantile(share) - made.quantile(share)) <= 0.01 * std::abs(made.quantile(share)));
    }
    CHECK(std::abs(told.max() - made.max()) <= 0.01 * std::abs(made.max()));
    CHECK(std::abs(told.min() - made.min()) <= 0.01 * std::abs(made.min()));
}

std::atomic<MetricCounter<distribution>*> recorded{nullptr};
std::atomic<std::int64_t> handled{0};

void record_in_handler(int) {
    const std::int64_t n = handled.fetch_add(1, std::memory_order_relaxed);
    recorded.load(std::memory_order_relaxed)->record(0.001 * static_cast<double>(n % 1000) - 0.1);
}

} // namespace

TEST_CASE("eight threads and late ticks lose no recording") {
    ManualClock clock{test::epoch};
    MetricCounter<distribution> latency{"latency", {.timespan = 50ms, .granularity = 1ms, .clock = &clock}};
    Collected collected;
    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> rounds{0};
    std::array<double, 6> values{0.001, 0.0123, 17, -0.5, 0, 1e7};
    on_threads(
        8,
        [&](int) {
            std::uint64_t mine = 0;
            do {
                for (const double value : values) {
                    latency.record(value);
                }
                ++mine;
            } while (!done.load(std::memory_order_relaxed));
            rounds += mine;
        },
        [&] {
            for (int i = 0; i < 2000; ++i) {
                if (i % 17 == 0) {
                    clock.stall(5ms);
                }
                clock.advance(1ms);
                collected.look(latency);
            }
            done = true;
        });
    clock.advance(1ms);
    collected.look(latency);
    Sketch made;
    for (const double value : values) {
        made.record(value, rounds);
    }
    check_equal(collected.all, made);
}

TEST_CASE("a thousand short-lived threads lose no recording, also when their totals are folded") {
    ManualClock clock{test::epoch};
    MetricCounter<distribution> latency{"latency", {.timespan = 100ms, .granularity = 1ms, .clock = &clock}};
    Collected collected;
    Sketch made;
    const auto tick = [&](int times) {
        for (int i = 0; i < times; ++i) {
            clock.advance(1ms);
            collected.look(latency);
        }
    };
    for (int batch = 0; batch < 50; ++batch) {
        std::vector<std::thread> threads;
        for (int thread = 0; thread < 20; ++thread) {
            const double value = 0.001 * (1 + batch * 20 + thread) * (thread % 3 == 0 ? -1 : 1);
            threads.emplace_back([&latency, value] {
                latency.record(value);
                latency.record(2 * value);
            });
            made.record(value);
            made.record(2 * value);
        }
        tick(1);
        for (std::thread& thread : threads) {
            thread.join();
        }
        tick(batch % 10 == 9 ? ticks_until_folded + 2 : 1);
    }
    tick(ticks_until_folded + 2);
    check_equal(collected.all, made);
}

TEST_CASE("recordings of signal handlers that interrupt recordings of the same thread are not lost") {
    ManualClock clock{test::epoch};
    MetricCounter<distribution> latency{"latency", {.timespan = 50ms, .granularity = 1ms, .clock = &clock}};
    recorded = &latency;
    handled = 0;
    struct sigaction action{};
    struct sigaction before{};
    action.sa_handler = &record_in_handler;
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR2, &action, &before);
    Collected collected;
    std::atomic<bool> done{false};
    std::atomic<bool> started{false};
    std::uint64_t rounds = 0;
    std::thread worker{[&] {
        started = true;
        do {
            latency.record(0.002);
            latency.record(0.3);
            latency.record(-0.05);
            ++rounds;
        } while (!done.load(std::memory_order_relaxed));
    }};
    while (!started) {
        std::this_thread::yield();
    }
    for (int i = 0; i < 20'000; ++i) {
        pthread_kill(worker.native_handle(), SIGUSR2);
        if (i % 20 == 0) {
            clock.advance(1ms);
            collected.look(latency);
        }
    }
    done = true;
    worker.join();
    sigaction(SIGUSR2, &before, nullptr);
    clock.advance(1ms);
    collected.look(latency);
    Sketch made;
    for (const double value : {0.002, 0.3, -0.05}) {
        made.record(value, rounds);
    }
    for (std::int64_t n = 0; n < handled; ++n) {
        made.record(0.001 * static_cast<double>(n % 1000) - 0.1);
    }
    CHECK(handled > 0);
    check_equal(collected.all, made);
}
