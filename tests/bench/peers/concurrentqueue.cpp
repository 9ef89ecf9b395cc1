// SPDX-License-Identifier: MIT
// Beside moodycamel's concurrentqueue.
#include <array>
#include <cstddef>
#include <cstdint>

#include <concurrentqueue/concurrentqueue.h>

#include "beside.hpp"

namespace {

/// As large as a queued point of ours.
struct Item {
    std::int64_t time;
    double value;
    const void* series;
    std::uint64_t flags;
};

} // namespace

int main(int argc, char** argv) {
    return bench::measure_beside(argc, argv, [](bench::Beside& table) {
        moodycamel::ConcurrentQueue<Item> items{1'000'000};
        std::array<Item, 1000> taken{};
        bench::queue(
            table,
            [&items](std::size_t /*thread*/) {
                return [&items, second = std::int64_t{1'700'000'000}]() mutable {
                    items.enqueue({second++, 17, &items, 0});
                };
            },
            [&] {
                while (items.try_dequeue_bulk(taken.begin(), taken.size()) > 0) {
                }
            },
            "It queues 32 bytes that are ready, and nobody reads meanwhile; `send_at` makes and finds the series, "
            "bounds the queue and "
            "counts the point, and its sender reads meanwhile.");
    });
}
