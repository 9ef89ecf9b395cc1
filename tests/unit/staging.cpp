// SPDX-License-Identifier: MIT
// Points that threads stage for a queue: they count, have room and keep their order, as if they were queued at once.
#include <tickertape/buffered.hpp>
#include <tickertape/telemeter.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <tickertape/testkit/manual_clock.hpp>
#include <tickertape/testkit/memory.hpp>

#include "stage/ledger.hpp"
#include "stage/queue_time.hpp"
#include "stage/staging.hpp"
#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/queues.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using Loss = tickertape::Account::Loss;

namespace {

constexpr int threads = 8;
constexpr std::int64_t each = 2'000;
const SteadyTime far = std::chrono::steady_clock::now() + 1h;

/// Real time, so that a sender sleeps until it is woken.
class RealSleep final : public stage::QueueTime {
public:
    [[nodiscard]] SteadyTime now() const override { return std::chrono::steady_clock::now(); }
    void wait(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, SteadyTime until) override {
        sleeps_with_points_ = sleeps_with_points_ || until < SteadyTime::max();
        condition.wait_until(lock, std::min(until, now() + 1h));
    }
    /// Returns whether the sender sleeps with points in the queue. Before that, it might find later points without being woken.
    [[nodiscard]] bool sleeps_with_points() const { return sleeps_with_points_; }

private:
    std::atomic<bool> sleeps_with_points_{false};
};

} // namespace

TEST_CASE("staging: a point counts as soon as the call that queued it has returned, and the account balances") {
    Memory memory;
    Buffered queue{memory, {.max_buffer_size = 100'000, .max_flush_interval = 1h, .max_batch_size = 100'000}};
    std::atomic<std::uint64_t> returned{0};
    std::atomic<int> wrong{0};
    test::on_threads(threads, [&](int thread) {
        for (std::int64_t i = 0; i < each; ++i) {
            const std::uint64_t before = returned;
            if (i % 50 == 0) {
                const Account account = queue.account();
                wrong += account.balanced() && account.accepted >= before ? 0 : 1;
            }
            wrong += queue.add(test::point(thread * each + i)) == Sent::queued ? 0 : 1;
            ++returned;
        }
    });
    CHECK(wrong == 0);
    CHECK(queue.account().queued == threads * each);
    CHECK(queue.flush(far));
    CHECK(queue.account().acked == threads * each);
}

TEST_CASE("staging: all threads share the room of the queue, and each call reports the fate of its point") {
    constexpr std::size_t room = 1'000;
    for (const Overflow overflow : {Overflow::drop_newest, Overflow::drop_oldest}) {
        test::Gate gate;
        Buffered queue{gate.transmitter(), {.max_buffer_size = room, .max_flush_interval = 1h, .overflow = overflow}};
        if (overflow ==
            Overflow::drop_oldest) { // otherwise the sender may take all points in the end, and leave the queue empty
            for (std::size_t i = 0; i < room; ++i) {
                static_cast<void>(queue.add(test::point(static_cast<std::int64_t>(i))));
            }
            gate.await_publish();
        }
        std::atomic<std::uint64_t> queued{0};
        std::atomic<std::uint64_t> displaced{0};
        std::atomic<std::uint64_t> dropped{0};
        test::on_threads(threads, [&](int thread) {
            for (std::int64_t i = 0; i < each; ++i) {
                const Sent sent = queue.add(test::point(thread * each + i));
                queued += sent == Sent::queued ? 1 : 0;
                displaced += sent == Sent::displaced_oldest ? 1 : 0;
                dropped += sent == Sent::dropped ? 1 : 0;
            }
        });
        const Account account = queue.account();
        CHECK(queued + displaced + dropped == threads * each);
        CHECK(account.dropped_for(Loss::queue_full) == displaced + dropped);
        CHECK(account.balanced());
        if (overflow == Overflow::drop_newest) { // points that are being published count as queued
            CHECK(queued == room);
            CHECK(account.queued == room);
        } else {
            CHECK(account.queued >= room);
            CHECK(queue.remaining_capacity() == 0);
        }
        gate.open();
    }
}

TEST_CASE("staging: points of a series from several threads go out in the order of their timestamps") {
    testkit::ManualClock clock{WallTime{std::chrono::seconds{1'700'000'000}}}; // never moves
    const Memory memory;
    Telemeter telemeter{
        memory, {}, {.buffer = {.max_buffer_size = 100'000, .max_flush_interval = 1ms}, .clock = &clock}};
    const TelemeterCounter counter = telemeter.counter("events");
    test::on_threads(threads, [&](int /*thread*/) {
        for (std::int64_t i = 0; i < each; ++i) {
            counter.inc();
        }
    });
    CHECK(telemeter.flush(far));
    const std::vector<Point> points = memory.points();
    REQUIRE(points.size() == threads * each);
    for (std::size_t i = 1; i < points.size(); ++i) {
        REQUIRE(points[i - 1].time() < points[i].time());
    }
    CHECK(points.back().time() < clock.read().wall + 1ms);
}

TEST_CASE("staging: no point waits for the next one while the queue is being emptied") {
    Memory memory;
    Buffered queue{memory, {.max_buffer_size = 10'000, .max_flush_interval = 1ms}};
    std::size_t sent = 0;
    for (std::size_t burst = 1; burst < 100; ++burst) {
        for (std::size_t i = 0; i < burst; ++i, ++sent) {
            CHECK(queue.add(test::point(static_cast<std::int64_t>(sent))) == Sent::queued);
        }
        test::await([&] { return memory.size() == sent; });
    }
    CHECK(test::numbers(memory) == test::numbers(0, static_cast<std::int64_t>(sent)));
}

TEST_CASE("staging: a full batch wakes the sender, also if some of its points were staged") {
    const auto is_sent = [](const BufferedOptions& options, std::int64_t points) {
        Memory memory;
        RealSleep time;
        Buffered queue = stage::BufferedAccess::make(memory, options, time);
        for (std::int64_t i = 0; i < points; ++i) {
            CHECK(queue.add(test::point(i)) == Sent::queued);
            test::await([&] { return time.sleeps_with_points() || points == 1; });
        }
        test::await([&] { return memory.size() == static_cast<std::size_t>(points); });
    };
    is_sent({.max_buffer_size = 1000, .max_flush_interval = 1h}, 900); // 90 % of the queue
    for (std::int64_t batch = 1; batch <= 100; ++batch) {
        is_sent({.max_flush_interval = 1h, .max_batch_size = static_cast<std::size_t>(batch)}, batch);
    }
}

TEST_CASE("staging: points of two queues in front of one transmitter count at once, also when one queue has ended") {
    test::Bookkeeper::State state;
    state.accounts->keep_quiet();
    const BufferedOptions options{.max_flush_interval = 1h, .linger = 0ms};
    Buffered first{test::Bookkeeper{state}, options};
    std::uint64_t added = 0;
    {
        Buffered second{test::Bookkeeper{state}, options};
        for (std::int64_t i = 0; i < 100; ++i, added += 2) {
            CHECK(state.accounts->now().accepted == added);
            first.add(test::point(i));
            second.add(test::point(i));
        }
    }
    for (std::int64_t i = 0; i < 100; ++i, ++added) {
        CHECK(state.accounts->now().accepted == added);
        first.add(test::point(i));
    }
    CHECK(state.accounts->now().balanced());
}

TEST_CASE("staging: an event that waits for room has its timestamp already") {
    constexpr WallTime now{1'700'000'000s};
    test::Gate gate;
    stage::Source source{Series{"events"}};
    Buffered queue{gate.transmitter(), {.max_buffer_size = 1, .overflow = Overflow::block}};
    CHECK(stage::BufferedAccess::add(queue, {source, now, 1}) == Sent::queued);
    gate.await_publish();
    bool is_made = false;
    std::thread opener{[&] {
        const auto limit = std::chrono::steady_clock::now() + 1min;
        while (!is_made && std::chrono::steady_clock::now() < limit) {
            is_made = WallTime{std::chrono::nanoseconds{source.last}} == now + 1s;
            std::this_thread::yield();
        }
        gate.open();
    }};
    CHECK(stage::BufferedAccess::add(queue, {source, now + 1s, 2}) == Sent::queued);
    opener.join();
    CHECK(is_made);
}

TEST_CASE("staging: after the end no point is taken, and the points taken before are settled") {
    const Memory memory;
    std::atomic<std::uint64_t> taken{0};
    std::shared_ptr<stage::Ledger> accounts;
    {
        Buffered queue{memory, {.max_buffer_size = 100'000, .max_flush_interval = 1h}};
        accounts = queue.accounts();
        test::on_threads(
            threads,
            [&](int thread) {
                for (std::int64_t i = 0; queue.add(test::point(thread * each + i)) != Sent::closed; ++i) {
                    ++taken;
                }
            },
            [&] {
                test::await([&] { return taken > 1'000; });
                queue.close();
            });
        CHECK(queue.account().accepted == taken);
    }
    CHECK(accounts->now().balanced());
    CHECK(accounts->now().queued == 0);
    CHECK(memory.size() + accounts->now().all_dropped() == taken);
}
