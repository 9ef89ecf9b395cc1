// SPDX-License-Identifier: MIT
// Many threads begin to count at once: each soon has its own cells.
#include <atomic>
#include <barrier>
#include <chrono>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>

#include "counter/cells.hpp"
#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/on_manual_clock.hpp"

using namespace std::chrono_literals;
using test::OriginClock;
using tickertape::autodump;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::rate;
using tickertape::counter::Block;
using tickertape::counter::first_block;

namespace {

constexpr int crowd = 64;

int blocks() {
    int count = 0;
    for (const Block* block = first_block(); block != nullptr; block = block->next) {
        ++count;
    }
    return count;
}

/// Runs `threads` threads. `meanwhile` runs when each of them has counted once, and then each of them calls `then`.
template <class Meanwhile, class Then>
void count_on_threads(MetricCounter<rate>& counter, int threads, Meanwhile meanwhile, Then then) {
    std::barrier together{threads + 1};
    test::on_threads(
        threads,
        [&](int) {
            counter.inc();
            together.arrive_and_wait(); // all have counted
            together.arrive_and_wait(); // `meanwhile` has returned
            then();
        },
        [&] {
            together.arrive_and_wait();
            meanwhile();
            together.arrive_and_wait();
        });
}

} // namespace

TEST_CASE("Threads that begin to count at once, 64 more than there are cells, have their own cells after one tick") {
    OriginClock clock;
    MetricCounter<rate> counter{"m", {.clock = &*clock}};
    clock->advance(1s);
    const int threads = blocks() + crowd;
    std::atomic<int> owners{0};
    count_on_threads(
        counter, threads, [&] { clock->advance(1s); },
        [&] {
            counter.inc();
            owners += tickertape::counter::this_threads_cells != nullptr ? 1 : 0;
        });
    CHECK(owners == threads);
    clock->advance(1s);
    Memory memory;
    counter.dump(memory);
    CHECK(test::sum(memory, "m") == 2 * threads);
}

TEST_CASE("a fork's child makes no cells for threads that wait for some in the parent") {
    OriginClock clock;
    MetricCounter<rate> counter{"m", {.clock = &*clock}};
    int status = -1;
    const auto in_child = [&] {
        const pid_t child = fork();
        if (child == 0) {
            const int inherited = blocks();
            const autodump own{Memory{}, counter}; // wakes the counters
            _exit(blocks() - inherited < crowd / 2 + inherited / 8 ? 0 : 1);
        }
        if (child > 0) {
            waitpid(child, &status, 0);
        }
    };
    count_on_threads(counter, blocks() + crowd, in_child, [] {});
    CHECK(status == 0);
}

TEST_CASE("Threads that end before they have cells leave no cells to be made for them") {
    OriginClock clock;
    MetricCounter<rate> counter{"m", {.clock = &*clock}};
    clock->advance(1s);
    const int before = blocks();
    const int brief = 2 * before + crowd; // many more threads than there are cells
    const auto run_brief_threads = [&] {
        for (int i = 0; i < brief; ++i) {
            std::thread{[&] { counter.inc(); }}.join();
        }
    };
    count_on_threads(counter, before, run_brief_threads, [] {}); // the first threads take all cells
    clock->advance(1s);
    // A tick of another clock meanwhile makes spare cells: four, or an eighth of those that are taken.
    CHECK(blocks() - before < crowd / 2 + before / 8);
    clock->advance(1s);
    Memory memory;
    counter.dump(memory);
    CHECK(test::sum(memory, "m") == before + brief);
}
