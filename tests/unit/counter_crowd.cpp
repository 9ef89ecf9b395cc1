// SPDX-License-Identifier: MIT
// Many threads begin to count at once: each has cells of its own soon.
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <sys/wait.h>
#include <unistd.h>

#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>

#include "counter/cells.hpp"
#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/on_manual_clock.hpp"

using namespace std::chrono_literals;
using test::on_threads;
using test::OriginClock;
using tickertape::autodump;
using tickertape::Memory;
using tickertape::MetricCounter;
using tickertape::rate;
using tickertape::counter::Block;
using tickertape::counter::first_block;

namespace {

constexpr int crowd = 64;

std::size_t blocks() {
    std::size_t count = 0;
    for (const Block* block = first_block(); block != nullptr; block = block->next) {
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("64 threads that begin to count at once have cells of their own after one tick") {
    OriginClock clock;
    MetricCounter<rate> counter{"m", {.clock = &*clock}};
    clock->advance(1s);
    std::barrier together{crowd + 1};
    std::atomic<int> owners{0};
    on_threads(
        crowd,
        [&](int) {
            counter.inc();
            together.arrive_and_wait(); // all have counted
            together.arrive_and_wait(); // the clock has ticked
            counter.inc();
            owners += tickertape::counter::this_threads_cells != nullptr ? 1 : 0;
        },
        [&] {
            together.arrive_and_wait();
            clock->advance(1s);
            together.arrive_and_wait();
        });
    CHECK(owners == crowd);
    clock->advance(1s);
    Memory memory;
    counter.dump(memory);
    CHECK(test::sum(memory, "m") == 2 * crowd);
}

TEST_CASE("a fork's child makes no cells for threads that wait for some in the parent") {
    OriginClock clock;
    MetricCounter<rate> counter{"m", {.clock = &*clock}};
    const std::size_t before = blocks();
    const auto beyond = static_cast<int>(before) + crowd; // more than there are blocks
    std::barrier together{beyond + 1};
    int status = -1;
    on_threads(
        beyond,
        [&](int) {
            counter.inc();
            together.arrive_and_wait(); // all have counted
            together.arrive_and_wait(); // the child has ended
        },
        [&] {
            together.arrive_and_wait();
            const pid_t child = fork();
            if (child == 0) {
                const std::size_t inherited = blocks();
                const autodump own{Memory{}, counter}; // which wakes the counters
                _exit(blocks() - inherited < crowd / 2 + inherited / 8 ? 0 : 1);
            }
            if (child > 0) {
                waitpid(child, &status, 0);
            }
            together.arrive_and_wait();
        });
    CHECK(status == 0);
}

TEST_CASE("Threads that end before they have cells leave no cells to be made for them") {
    OriginClock clock;
    MetricCounter<rate> counter{"m", {.clock = &*clock}};
    clock->advance(1s);
    std::int64_t counted = 0;
    std::size_t made = 1;
    // A tick of another test's clock may come while they wait.
    for (int attempt = 0; made > 0 && attempt < 5; ++attempt) {
        const std::size_t before = blocks();
        const auto beyond = static_cast<int>(before) + crowd; // more than there are blocks
        std::barrier together{beyond};
        on_threads(beyond, [&](int) {
            counter.inc();
            together.arrive_and_wait(); // so that none ends before all have counted
        });
        clock->advance(1s);
        made = blocks() - before;
        counted += beyond;
    }
    CHECK(made == 0);
    clock->advance(1s);
    Memory memory;
    counter.dump(memory);
    CHECK(test::sum(memory, "m") == counted);
}
