// SPDX-License-Identifier: MIT
#include <tickertape/buffered.hpp>
#include <tickertape/testkit/memory.hpp>

#include <stage/queue_time.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "stage/ledger.hpp"
#include "support/catch.hpp"
#include "support/queues.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using test::await;
using test::Gate;
using test::numbers;
using test::point;
using test::points;
using test::QueueOnManualTime;
using tickertape::Account;
using tickertape::AnyTransmitter;
using tickertape::Buffered;
using tickertape::BufferedOptions;
using Loss = tickertape::Account::Loss;
using tickertape::Memory;
using tickertape::Outcome;
using tickertape::Overflow;
using tickertape::Point;
using tickertape::Reason;
using tickertape::Sent;
using tickertape::SteadyTime;
using tickertape::UsageError;
using tickertape::stage::Ledger;
using tickertape::stage::next_flush;

namespace {

std::string sentence(const BufferedOptions& options) {
    try {
        const Buffered accepted{Memory{}, options};
        return {};
    } catch (const UsageError& error) {
        return error.what();
    }
}

const SteadyTime far = std::chrono::steady_clock::now() + 1h;

} // namespace

TEST_CASE("a queue without room, batches without points and times below nothing are refused with a sentence") {
    CHECK(sentence({.max_buffer_size = 0}) ==
          "the max_buffer_size of Buffered is 0; no queue here is unbounded, and it holds at least 1 point");
    CHECK(sentence({.max_batch_size = 0}) == "the max_batch_size of Buffered is 0; it is at least 1");
    CHECK(sentence({.max_flush_interval = 0ms}) == "the max_flush_interval of Buffered is 0 ms; it is at least 1 ms");
    CHECK(sentence({.max_flush_interval = -1s}) ==
          "the max_flush_interval of Buffered is -1000 ms; it is at least 1 ms");
    CHECK(sentence({.linger = -1ms}) ==
          "the linger of Buffered is -1 ms; it is 0 (nothing is sent at the end) or positive");
    CHECK(sentence({.max_buffer_size = 1, .max_flush_interval = 1ms, .linger = 0ms, .max_batch_size = 1}).empty());
    CHECK(sentence({.max_buffer_size = std::numeric_limits<std::size_t>::max(),
                    .max_flush_interval = std::chrono::milliseconds::max(),
                    .linger = std::chrono::milliseconds::max(),
                    .max_batch_size = std::numeric_limits<std::size_t>::max()})
              .empty());
}

TEST_CASE("a flush with a phase comes that much after a multiple of the interval") {
    const auto next = [](std::chrono::nanoseconds since, std::chrono::nanoseconds interval,
                         std::chrono::nanoseconds phase) {
        return next_flush(SteadyTime{since}, interval, phase).time_since_epoch();
    };
    CHECK(next(100s, 10s, 3s) == 103s);
    CHECK(next(103s, 10s, 3s) == 113s); // strictly after
    CHECK(next(102999ms, 10s, 3s) == 103s);
    CHECK(next(105s, 10s, 3s) == 113s);
    CHECK(next(105s, 10s, 0s) == 110s);
    CHECK(next(105s, 10s, 23s) == 113s);
    CHECK(next(0s, 10s, 3s) == 3s);
    CHECK(next(-1s, 10s, 3s) == 3s);
    CHECK(next(-8s, 10s, 3s) == -7s);
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int i = 0; i < 10'000; ++i) {
        const std::chrono::nanoseconds since{test::up_to(random, 1'000'000)};
        const std::chrono::nanoseconds interval{1 + test::up_to(random, 1000)};
        const std::chrono::nanoseconds phase{test::up_to(random, 2000)};
        const std::chrono::nanoseconds flush = next(since, interval, phase);
        REQUIRE(flush > since);
        REQUIRE(flush <= since + interval);
        REQUIRE((flush - phase) % interval == 0ns);
    }
}

TEST_CASE("points wait for others until the interval is over, counted from the first point") {
    Memory memory;
    QueueOnManualTime on{memory, {.max_flush_interval = 10s}};
    CHECK(on.queue.add(point(1)) == Sent::queued);
    on.time.await_wait_until(on.time.now() + 10s);
    on.time.advance(9s);
    on.queue.add(point(2));
    on.time.await_wait_until(on.time.now() + 1s);
    CHECK(memory.publishes() == 0);
    on.time.advance(1s);
    await([&] { return memory.size() == 2; });
    CHECK(memory.publishes() == 1);
    on.queue.add(point(3)); // the next interval begins at that time
    on.time.await_wait_until(on.time.now() + 10s);
    CHECK(numbers(memory) == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("points that come while others are sent wait no longer than the interval, either") {
    Gate gate;
    QueueOnManualTime on{gate.transmitter(), {.max_flush_interval = 10s}};
    on.queue.add(point(1));
    on.time.await_wait_until(on.time.now() + 10s);
    on.time.advance(10s);
    gate.await_publish();
    on.queue.add(point(2));
    on.time.advance(3s);
    gate.answer({.retry_from = 1});
    on.time.await_wait_until(on.time.now() + 7s);
    gate.open();
}

TEST_CASE("by the real clock, too, points are sent when the interval is over") {
    Memory memory;
    Buffered queue{memory, {.max_flush_interval = 1ms}};
    for (std::size_t i = 0; i < 20; ++i) {
        queue.add(point(0));
        await([&] { return memory.size() == i + 1; });
    }
}

TEST_CASE("with a phase points are sent at its next time") {
    Memory memory;
    QueueOnManualTime on{memory, {.max_flush_interval = 10s, .phase = 4s}};
    on.time.advance(1s);
    on.queue.add(point(1));
    on.time.await_wait_until(SteadyTime{1004s});
    on.time.advance(3s);
    await([&] { return memory.size() == 1; });
    on.queue.add(point(2));
    on.time.await_wait_until(SteadyTime{1014s});
}

TEST_CASE("a queue that has a full batch is sent at once, in order, in batches") {
    Memory memory;
    QueueOnManualTime on{memory, {.max_buffer_size = 1'000, .max_batch_size = 40}};
    on.queue.publish(points(0, 39));
    on.time.await_wait_until(on.time.now() + 10s);
    CHECK(memory.publishes() == 0);
    on.queue.publish(points(39, 90));
    await([&] { return memory.size() == 90; });
    CHECK(memory.publishes() == 3);
    CHECK(numbers(memory) == numbers(0, 90));
}

TEST_CASE("a queue that is 90 % full is sent at once") {
    Memory memory;
    QueueOnManualTime on{memory, {.max_buffer_size = 100}};
    for (int i = 0; i < 89; ++i) {
        on.queue.add(point(i));
    }
    on.time.await_wait_until(on.time.now() + 10s);
    CHECK(memory.publishes() == 0);
    on.queue.add(point(89));
    await([&] { return memory.size() == 90; });
    CHECK(memory.publishes() == 1);
}

TEST_CASE("a failed batch is retried after 100 ms, then 200 ms and so on up to the interval, and stays the oldest") {
    Memory memory;
    memory.fail(6);
    QueueOnManualTime on{memory, {.max_buffer_size = 10, .max_flush_interval = 1s}};
    on.queue.publish(points(0, 9));
    for (const auto wait : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
        on.time.await_wait_until(on.time.now() + wait);
        on.time.advance(wait);
    }
    await([&] { return memory.size() == 9; });
    CHECK(memory.publishes() == 7);
    CHECK(numbers(memory) == numbers(0, 9));
    memory.fail(1);
    on.queue.publish(points(9, 18));
    on.time.await_wait_until(on.time.now() + 100ms); // a success resets it
}

TEST_CASE("a queue publishes the untaken rest of a batch again at once after progress, and later without") {
    Memory memory;
    memory.take_only(3);
    QueueOnManualTime on{memory, {.max_buffer_size = 10}};
    on.queue.publish(points(0, 9));
    await([&] { return memory.size() == 9; });
    CHECK(memory.publishes() == 2);
    memory.take_only(0);
    on.queue.publish(points(9, 18));
    on.time.await_wait_until(on.time.now() + 100ms);
    CHECK(on.queue.account().queued == 9);
    on.time.advance(100ms);
    await([&] { return memory.size() == 18; });
    CHECK(numbers(memory) == numbers(0, 18));
}

TEST_CASE("the account counts acknowledged points, and rejected points by reason") {
    Memory memory;
    memory.reject([](const Point& p) -> std::optional<Reason> {
        return p.value().integer() % 3 == 0 ? std::optional{Reason::refused}
               : p.value().integer() == 1   ? std::optional{Reason::no_tag}
                                            : std::nullopt;
    });
    Buffered queue{memory};
    CHECK(queue.publish(points(0, 9)).accepted() == 9);
    CHECK(queue.flush(far));
    const Account account = queue.account();
    CHECK(account.accepted == 9);
    CHECK(account.acked == 5);
    CHECK(account.rejected_for(Reason::refused) == 3);
    CHECK(account.rejected_for(Reason::no_tag) == 1);
    CHECK(account.balanced());
}

TEST_CASE("a transmitter with accounts shares them with the queue, and is asked again without a wait") {
    test::Bookkeeper::State state;
    QueueOnManualTime on{test::Bookkeeper{state}, {.max_buffer_size = 10}};
    CHECK(on.queue.accounts() == state.accounts);
    on.queue.publish(points(0, 9));
    await([&] { return state.publishes > 50; }); // it accepts nothing, and the time stands still
    CHECK(on.queue.account().queued == 9);
    state.takes = 4;
    await([&] { return on.queue.account().in_flight == 9; });
    CHECK(on.queue.account().acked == 0);
    state.accounts->ack(9);
    CHECK(on.queue.account().acked == 9);
    CHECK(on.queue.account().balanced());
    state.throws = true;
    on.queue.publish(points(0, 9));
    on.time.await_wait_until(on.time.now() + 100ms); // it cannot have waited
}

TEST_CASE("drop_oldest: the oldest queued points make room, but those that are being sent stay until they come back") {
    Gate gate;
    Buffered queue{gate.transmitter(), {.max_buffer_size = 10, .linger = 0ms, .max_batch_size = 4}};
    queue.publish(points(0, 10));
    gate.await_publish(); // of 0…3
    CHECK(queue.remaining_capacity() == 4);
    queue.publish(points(10, 14));
    CHECK(queue.add(point(14)) == Sent::displaced_oldest); // 4
    CHECK(queue.remaining_capacity() == 0);
    CHECK(queue.account().dropped_for(Loss::queue_full) == 1);
    queue.publish(points(15, 17));  // 5, 6
    gate.answer({.retry_from = 1}); // 1, 2, 3 come back as the oldest points, and there is no room for them
    gate.await_publish();
    CHECK(queue.account().dropped_for(Loss::queue_full) == 6);
    gate.open();
    CHECK(queue.flush(far));
    CHECK(gate.taken() == std::vector<std::int64_t>{0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    CHECK(queue.account().acked == 11);
    CHECK(queue.account().accepted == 17);
    CHECK(queue.account().balanced());
}

TEST_CASE("points that a transmitter hands back take the room that is left, the newest ones first") {
    Gate gate;
    Buffered queue{gate.transmitter(), {.max_buffer_size = 10, .linger = 0ms, .max_batch_size = 8}};
    queue.publish(points(0, 10));
    gate.await_publish(); // of 0…7
    queue.publish(points(10, 15));
    gate.fail(); // 3 fit of 8
    gate.await_publish();
    CHECK(queue.account().dropped_for(Loss::queue_full) == 5);
    gate.open();
    CHECK(queue.flush(far));
    CHECK(gate.taken() == numbers(5, 15));
}

TEST_CASE("a span that is larger than the queue leaves its newest points") {
    Gate gate;
    Buffered queue{gate.transmitter(), {.max_buffer_size = 10, .linger = 0ms, .max_batch_size = 1}};
    queue.publish(points(0, 9));
    gate.await_publish(); // of 0
    CHECK(queue.publish(points(100, 135)).retry_from == 35);
    CHECK(queue.account().dropped_for(Loss::queue_full) == 8 + 25);
    gate.open();
    CHECK(queue.flush(far));
    std::vector<std::int64_t> expected = numbers(125, 135);
    expected.insert(expected.begin(), 0);
    CHECK(gate.taken() == expected);
}

TEST_CASE("drop_newest: the points that come to a full queue are dropped, those being sent count as queued") {
    Gate gate;
    Buffered queue{gate.transmitter(),
                   {.max_buffer_size = 10, .overflow = Overflow::drop_newest, .linger = 0ms, .max_batch_size = 4}};
    queue.publish(points(0, 9));
    gate.await_publish();
    CHECK(queue.remaining_capacity() == 1);
    CHECK(queue.add(point(9)) == Sent::queued);
    CHECK(queue.add(point(10)) == Sent::dropped);
    CHECK(queue.publish(points(11, 20)).retry_from == 9);
    CHECK(queue.account().dropped_for(Loss::queue_full) == 10);
    CHECK(queue.account().accepted == 20);
    gate.fail(); // all of them come back
    gate.await_publish();
    CHECK(queue.account().dropped_for(Loss::queue_full) == 10);
    gate.open();
    CHECK(queue.flush(far));
    CHECK(gate.taken() == numbers(0, 10));
}

TEST_CASE("block: the caller waits for room, and nothing is dropped") {
    Gate gate;
    Buffered queue{gate.transmitter(),
                   {.max_buffer_size = 10, .overflow = Overflow::block, .linger = 0ms, .max_batch_size = 4}};
    bool all_queued = true;
    std::thread caller{[&] {
        queue.publish(points(0, 95));
        for (int i = 95; i < 100; ++i) {
            all_queued = queue.add(point(i)) == Sent::queued && all_queued;
        }
    }};
    gate.await_publish();
    await([&] { return queue.account().accepted == 10; });
    CHECK(queue.remaining_capacity() == 0);
    gate.open();
    caller.join();
    CHECK(all_queued);
    CHECK(queue.flush(far));
    CHECK(gate.taken() == numbers(0, 100));
    CHECK(queue.account().acked == 100);
}

TEST_CASE("block: close and stop release a caller that waits for room") {
    for (const bool by_stop : {false, true}) {
        Gate gate;
        Buffered queue{gate.transmitter(),
                       {.max_buffer_size = 10, .overflow = Overflow::block, .linger = 0ms, .max_batch_size = 4}};
        Outcome outcome;
        std::thread caller{[&] { outcome = queue.publish(points(0, 100)); }};
        gate.await_publish();
        await([&] { return queue.account().accepted == 10; });
        std::thread closer{[&] { by_stop ? queue.stop() : queue.close(); }};
        caller.join();
        CHECK(outcome.closed);
        CHECK(outcome.retry_from == 10);
        CHECK(queue.add(point(1)) == Sent::closed);
        CHECK(queue.remaining_capacity() == 0);
        gate.open();
        closer.join();
        if (by_stop) {
            CHECK(queue.account().dropped_for(Loss::shutdown) == 6);
            CHECK(queue.account().acked == 4);
        } else {
            CHECK(queue.flush(far));
            CHECK(queue.account().acked == 10);
        }
        CHECK(queue.account().balanced());
    }
}

TEST_CASE("limit and remaining capacity") {
    Buffered queue{Memory{}, {.max_buffer_size = 20, .max_flush_interval = 1h}};
    CHECK(queue.limit() == 20);
    CHECK(queue.remaining_capacity() == 20);
    queue.publish(points(0, 5));
    CHECK(queue.remaining_capacity() == 15);
    CHECK(queue.flush(far));
    CHECK(queue.remaining_capacity() == 20);
}
