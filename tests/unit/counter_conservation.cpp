// SPDX-License-Identifier: MIT
// No increment is lost or counted twice: written buckets and counted exceptions add up to the increments.
#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>

#include <pthread.h>

#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/counting.hpp"

using namespace std::chrono_literals;
using test::on_threads;
using test::sum;
using tickertape::autodump;
using tickertape::CounterOptions;
using tickertape::LoopClock;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::process_stats;
using tickertape::rate;
using tickertape::testkit::ManualClock;

namespace {

constexpr int ticks_until_folded = 64; // after this number of ticks, the totals of an ended thread are folded

/// Increments `counter` on `threads` threads while `meanwhile` runs on this thread. Returns the number of increments.
template <class Meanwhile>
std::int64_t count_until_done(MetricCounter<rate>& counter, int threads, Meanwhile meanwhile) {
    std::atomic<bool> done{false};
    std::atomic<std::int64_t> made{0};
    on_threads(
        threads,
        [&](int) {
            std::int64_t mine = 0;
            do {
                counter.inc();
                counter.add(2);
                mine += 3;
            } while (!done.load(std::memory_order_relaxed));
            made += mine;
        },
        [&] {
            meanwhile();
            done = true;
        });
    return made;
}

} // namespace

TEST_CASE("eight threads lose no count to a sampler that ticks as fast as it can") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 50ms, .granularity = 1ms, .clock = &clock}};
    const std::int64_t made = count_until_done(counter, 8, [&] {
        for (int i = 0; i < 3000; ++i) {
            clock.advance(1ms);
            if (i % 50 == 0) {
                counter.dump(memory);
            }
        }
    });
    clock.advance(1ms);
    counter.dump(memory);
    CHECK(sum(memory, "counts") == made);
    CHECK(memory.size() == 3001);
    CHECK(test::in_order(memory, "counts"));
}

TEST_CASE("eight threads lose no count to the pulse of the machine's clock at 1 ms") {
    const test::Undumped undumped;
    Memory memory;
    std::optional<MetricCounter<rate>> counter;
    counter.emplace(tickertape::Name{"counts"}, CounterOptions{.timespan = 500ms, .granularity = 1ms});
    autodump dump{memory, *counter};
    std::atomic<std::int64_t> made{0};
    on_threads(8, [&](int) {
        std::int64_t mine = 0;
        const std::uint64_t before = tickertape::Clock::system().stats().ticks;
        // Over many ticks, regardless of the speed of the machine.
        while (tickertape::Clock::system().stats().ticks < before + 40) {
            for (int i = 0; i < 1000; ++i) {
                counter->inc();
            }
            mine += 1000;
        }
        made += mine;
    });
    CHECK(dump.finish(60s).complete);
    CHECK(sum(memory, "counts") + counter->stats().counts_lost == made);
    CHECK(test::in_order(memory, "counts"));
    counter.reset();
    CHECK(undumped() == 0);
}

TEST_CASE("a thousand threads that count and end lose nothing") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 50ms, .granularity = 1ms, .clock = &clock}};
    autodump dump{memory, counter};
    std::atomic<int> spawners{4};
    on_threads(
        4,
        [&](int) {
            for (int i = 0; i < 250; ++i) {
                std::thread{[&] {
                    for (int n = 0; n < 100; ++n) {
                        counter.inc();
                    }
                }}.join();
            }
            --spawners;
        },
        [&] {
            while (spawners > 0) {
                clock.advance(1ms);
            }
        });
    CHECK(dump.finish().complete);
    CHECK(sum(memory, "counts") == 100'000);
    CHECK(counter.stats().buckets_lost == 0);
}

TEST_CASE("a thousand threads alive at once lose nothing") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 50ms, .granularity = 1ms, .clock = &clock}};
    constexpr int threads = 1000;
    std::atomic<int> running{threads};
    std::barrier all_started{threads};
    on_threads(
        threads,
        [&](int) {
            counter.inc(); // only a few of them have cells
            all_started.arrive_and_wait();
            counter.inc();
            --running;
        },
        [&] {
            while (running > 0) {
                clock.advance(1ms);
                counter.dump(memory);
            }
        });
    clock.advance(1ms);
    counter.dump(memory);
    CHECK(sum(memory, "counts") == 2 * threads);
}

TEST_CASE("more threads than there are spare cells share totals that are exact") {
    ManualClock clock{test::epoch}; // without ticks no cells are added
    Memory memory;
    MetricCounter first{"first", {.clock = &clock}};
    MetricCounter second{"second", {.clock = &clock}};
    std::barrier all_started{32};
    on_threads(32, [&](int) {
        all_started.arrive_and_wait();
        for (int i = 0; i < 10'000; ++i) {
            first.inc();
            second.add(-2);
        }
        all_started.arrive_and_wait(); // no cells become free before
    });
    clock.advance(1s);
    first.dump(memory);
    second.dump(memory);
    CHECK(sum(memory, "first") == 320'000);
    CHECK(sum(memory, "second") == -640'000);
}

TEST_CASE("several counters of several granularities count apart") {
    ManualClock clock{test::epoch};
    Memory memory;
    std::vector<MetricCounter<rate>> counters;
    constexpr std::array granularities{1ms, 7ms, 1000ms, 15000ms};
    for (std::size_t i = 0; i < 40; ++i) {
        const std::chrono::milliseconds granularity = granularities[i % granularities.size()];
        counters.emplace_back(
            "counts." + std::to_string(i),
            CounterOptions{.timespan = granularity * 100, .granularity = granularity, .clock = &clock});
    }
    std::atomic<int> running{4};
    constexpr int rounds = 2000;
    on_threads(
        4,
        [&](int) {
            for (int round = 0; round < rounds; ++round) {
                for (std::size_t i = 0; i < counters.size(); ++i) {
                    counters[i].add(static_cast<std::int64_t>(i));
                }
            }
            --running;
        },
        [&] {
            while (running > 0) {
                clock.advance(1ms);
                for (auto& counter : counters) {
                    counter.dump(memory);
                }
            }
        });
    clock.advance(30s);
    for (std::size_t i = 0; i < counters.size(); ++i) {
        counters[i].dump(memory);
        CAPTURE(i);
        CHECK(sum(memory, "counts." + std::to_string(i)) + counters[i].stats().counts_lost ==
              4 * rounds * static_cast<std::int64_t>(i));
    }
}

TEST_CASE("totals of ended threads stay exact while their memory is returned") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 1s, .granularity = 1ms, .clock = &clock}};
    std::int64_t made = 0;
    for (int generation = 0; generation < 10; ++generation) {
        on_threads(6, [&](int i) { counter.add(i + 1); });
        made += 21;
        clock.advance(std::chrono::milliseconds{ticks_until_folded / 2 + 20 * generation}); // shorter and longer
        counter.dump(memory);
        CHECK(sum(memory, "counts") == made);
    }
}

TEST_CASE("a thread may begin just when the sampler returns memory") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 200ms, .granularity = 1ms, .clock = &clock}};
    autodump dump{memory, counter};
    std::atomic<bool> done{false};
    std::atomic<int> ticks{0};
    constexpr int generations = 150;
    on_threads(
        1,
        [&](int) {
            for (int i = 0; i < generations; ++i) {
                std::thread{[&] { counter.inc(); }}.join();
                // Around the tick at which the memory is released.
                const int until = ticks + ticks_until_folded - 2 + i % 5;
                while (ticks < until) {
                    std::this_thread::yield();
                }
            }
            done = true;
        },
        [&] {
            while (!done) {
                clock.advance(1ms);
                ++ticks;
            }
        });
    CHECK(dump.finish().complete);
    CHECK(sum(memory, "counts") == generations);
}

TEST_CASE("counters that come and go under load lose nothing of theirs and disturb no other") {
    const test::Undumped undumped;
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter steady{"steady", {.timespan = 100ms, .granularity = 1ms, .clock = &clock}};
    autodump dump{memory}; // of all counters to come, too
    std::int64_t made_brief = 0;
    const std::int64_t made = count_until_done(steady, 3, [&] {
        for (int i = 0; i < 400; ++i) {
            MetricCounter brief{"brief", {.timespan = 100ms, .granularity = 1ms, .clock = &clock}};
            MetricCounter other{"other", {.timespan = 100ms, .granularity = 1ms, .clock = &clock}}; // for other ids
            if (i % 2 == 0) {
                clock.advance(1ms);
            }
            brief.inc();
            std::thread{[&] { brief.add(i); }}.join();
            other.inc();
            made_brief += 1 + i;
            clock.advance(1ms);
        }
    });
    CHECK(dump.finish().complete);
    CHECK(sum(memory, "steady") == made);
    CHECK(sum(memory, "brief") == made_brief);
    CHECK(sum(memory, "other") == 400);
    CHECK(undumped() == 0);
    CHECK(test::in_order(memory, "brief"));
}

TEST_CASE("values that a destroyed counter could not emit are counted") {
    const test::Undumped undumped;
    ManualClock clock{test::epoch};
    Memory memory;
    std::int64_t made = 0;
    MetricCounter steady{"steady", {.clock = &clock}};
    autodump dump{memory};
    for (int i = 0; i < 100; ++i) {
        MetricCounter brief{"brief", {.timespan = 1s, .granularity = 1s, .clock = &clock}};
        brief.add(i);
        made += i;
        clock.advance(130ms); // so that several of them live in one bucket, which is written once
    }
    CHECK(dump.finish().complete);
    CHECK(sum(memory, "brief") + undumped() == made);
    CHECK(sum(memory, "brief") > 0);
    CHECK(test::in_order(memory, "brief"));
}

namespace {

/// Increments while its thread ends.
struct CountsAtExit {
    explicit CountsAtExit(MetricCounter<rate>& c) : counter{&c} { counter->inc(); }
    CountsAtExit(const CountsAtExit&) = delete;
    CountsAtExit& operator=(const CountsAtExit&) = delete;
    ~CountsAtExit() { counter->inc(); }
    MetricCounter<rate>* counter;
};

constexpr int late_counts = 5000;
pthread_key_t late_key;

/// The destructor of a key that is made after ours. It runs after the thread's cells were given back, several times.
void count_late(void* argument) {
    auto* const counter = static_cast<MetricCounter<rate>*>(argument);
    for (int i = 0; i < late_counts; ++i) {
        counter->inc(); // enough time for another thread to get the cells
    }
    static thread_local int round = 0;
    if (++round < 3) {
        pthread_setspecific(late_key, argument);
    }
}

} // namespace

TEST_CASE("increments of a thread's last destructors are counted") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.clock = &clock}};
    REQUIRE(pthread_key_create(&late_key, &count_late) == 0);
    on_threads(4, [&](int) {
        for (int i = 0; i < 20; ++i) {
            std::thread{[&] {
                pthread_setspecific(late_key, &counter);
                if (i % 2 == 0) {
                    thread_local const CountsAtExit guard{counter};
                }
                for (int n = 0; n < late_counts; ++n) {
                    counter.inc();
                }
            }}.join();
        }
    });
    pthread_key_delete(late_key);
    clock.advance(1s);
    counter.dump(memory);
    CHECK(sum(memory, "counts") == 4 * 20 * 4 * late_counts + 4 * 10 * 2);
}

TEST_CASE("readers of the window do not disturb the counts") {
    ManualClock clock{test::epoch};
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 20ms, .granularity = 1ms, .clock = &clock}};
    autodump dump{memory, counter};
    std::atomic<bool> done{false};
    std::atomic<bool> negative{false};
    std::thread reader{[&] {
        while (!done) {
            for (const auto& bucket : counter.window()) {
                negative = negative || bucket.value < 0;
            }
        }
    }};
    const std::int64_t made = count_until_done(counter, 3, [&] { clock.advance(1s); });
    done = true;
    reader.join();
    CHECK(dump.finish().complete);
    CHECK(sum(memory, "counts") == made);
    CHECK_FALSE(negative);
}

TEST_CASE("a loop clock counts like any other") {
    LoopClock clock;
    Memory memory;
    MetricCounter counter{"counts", {.timespan = 500ms, .granularity = 1ms, .clock = &clock}};
    const std::int64_t made = count_until_done(counter, 2, [&] {
        for (int i = 0; i < 500 || clock.stats().ticks < 20; ++i) {
            clock.tick();
            counter.dump(memory);
        }
    });
    for (const auto end = clock.read().wall + 1ms; clock.read().wall < end;) {
        clock.tick();
    }
    counter.dump(memory);
    CHECK(sum(memory, "counts") + counter.stats().counts_lost == made);
}

TEST_CASE("increments of a static counter before its construction are counted as orphans") {
    // The storage of a static counter before its constructor runs.
    alignas(MetricCounter<rate>) static std::array<std::byte, sizeof(MetricCounter<rate>)> storage{};
    auto& unborn = *std::launder(reinterpret_cast<MetricCounter<rate>*>(storage.data()));
    on_threads(3, [&](int) { unborn.inc(); }); // without cells
    ManualClock clock{test::epoch};
    MetricCounter other{"other", {.clock = &clock}};
    on_threads(3, [&](int) { unborn.inc(); }); // with
    CHECK(process_stats().orphaned_increments == 6);
    clock.advance(2min); // their cells are folded
    CHECK(process_stats().orphaned_increments == 6);
    Memory memory;
    other.dump(memory);
    CHECK(sum(memory, "other") == 0);
}
