// SPDX-License-Identifier: MIT
// The end of a queue, its accounts under load, and forks.
#include <tickertape/buffered.hpp>
#include <tickertape/testkit/memory.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "stage/ledger.hpp"
#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/moody.hpp"
#include "support/queues.hpp"
#include "support/seed.hpp"

using namespace std::chrono_literals;
using test::await;
using test::Gate;
using test::Moody;
using test::numbers;
using test::point;
using test::points;
using test::QueueOnManualTime;
using tickertape::Account;
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

namespace {

const SteadyTime far = std::chrono::steady_clock::now() + 1h;

} // namespace

TEST_CASE("a flush sends queued points and flushes the transmitter, whatever the interval") {
    Memory memory;
    Buffered queue{memory, {.max_flush_interval = 1h}};
    queue.publish(points(0, 10));
    CHECK(queue.flush(far));
    CHECK(numbers(memory) == numbers(0, 10));
    CHECK(memory.flushes() == 1);
    CHECK(queue.flush(far)); // no points
    CHECK(memory.flushes() == 2);
    memory.fail_flushes(1);
    CHECK_FALSE(queue.flush(far));
    CHECK_FALSE(queue.flush(std::chrono::steady_clock::now() - 1s));
}

TEST_CASE("a flush of a transmitter that takes nothing ends at its deadline, the points stay queued") {
    Memory memory;
    memory.fail(1'000'000);
    QueueOnManualTime on{memory, {}};
    on.queue.publish(points(0, 10));
    std::thread later{[&] {
        await([&] { return memory.publishes() > 0; });
        on.time.advance(5s);
    }};
    CHECK_FALSE(on.queue.flush(on.time.now() + 5s));
    later.join();
    CHECK(on.queue.account().queued == 10);
}

TEST_CASE("points that arrive while a flush waits for an answer are sent") {
    struct State {
        test::ManualTime* time = nullptr;
        std::atomic<bool> waits{false};
        std::atomic<bool> has_more{false};
    } state;
    /// Answers nothing before it has two points. Its flushes last until their deadline; the first one lasts until there are more
    /// points.
    class Waits final : public tickertape::Transmitter {
    public:
        explicit Waits(State* state) : state_{state} {}
        Outcome publish(std::span<const Point> points) override {
            points_ += points.size();
            return Outcome::all(points);
        }
        bool flush(SteadyTime deadline) override {
            if (points_ < 2) {
                state_->waits = true;
                await([this] { return state_->has_more.load(); });
                state_->time->advance(deadline - state_->time->now());
            }
            return points_ >= 2;
        }

    private:
        State* state_;
        std::size_t points_ = 0;
    };
    QueueOnManualTime on{Waits{&state}, {.max_flush_interval = 1ms}};
    state.time = &on.time;
    on.queue.add(point(0));
    std::jthread other{[&] {
        await([&] { return state.waits.load(); });
        on.queue.add(point(1));
        state.has_more = true;
    }};
    CHECK(on.queue.flush(on.time.now() + 60s));
}

TEST_CASE("two flushes at once both end") {
    Memory memory;
    Buffered queue{memory, {.max_flush_interval = 1h}};
    std::atomic<int> succeeded{0};
    test::on_threads(4, [&](int thread) {
        for (int i = 0; i < 50; ++i) {
            queue.publish(points(thread, thread + 3));
            succeeded += queue.flush(far) ? 1 : 0;
        }
    });
    CHECK(succeeded == 200);
    CHECK(memory.size() == 600);
}

TEST_CASE("after close a queue accepts nothing, and sends its points at once") {
    Memory memory;
    Buffered queue{memory, {.max_flush_interval = 1h}};
    queue.publish(points(0, 10));
    queue.close();
    const Outcome outcome = queue.publish(points(10, 20));
    CHECK(outcome.closed);
    CHECK(outcome.retry_from == 0);
    CHECK(queue.add(point(10)) == Sent::closed);
    await([&] { return memory.size() == 10; });
    CHECK(queue.flush(far));
    CHECK(queue.account().accepted == 10);
}

TEST_CASE("stop drops queued points, and those that a running publish hands back") {
    Gate gate;
    Buffered queue{gate.transmitter(), {.max_buffer_size = 10, .max_batch_size = 4}};
    queue.publish(points(0, 10));
    gate.await_publish();
    std::atomic<bool> stopped{false};
    std::thread stopper{[&] {
        queue.stop();
        stopped = true;
    }};
    await([&] { return queue.account().dropped_for(Loss::shutdown) == 6; });
    CHECK_FALSE(stopped); // the publish has not returned
    gate.answer({.retry_from = 1});
    stopper.join();
    CHECK(queue.account().acked == 1);
    CHECK(queue.account().dropped_for(Loss::shutdown) == 9);
    CHECK(queue.account().balanced());
    CHECK_FALSE(queue.flush(far));
    queue.stop(); // again
    CHECK(queue.add(point(1)) == Sent::closed);
}

TEST_CASE("a closed receiver ends the queue: points are dropped and callers get closed") {
    Memory memory;
    Buffered queue{memory, {.max_buffer_size = 100, .max_flush_interval = 1h}};
    memory.close();
    queue.publish(points(0, 10));
    CHECK_FALSE(queue.flush(far));
    CHECK(queue.account().dropped_for(Loss::shutdown) == 10);
    CHECK(queue.account().balanced());
    CHECK(queue.publish(points(0, 1)).closed);
    CHECK(queue.add(point(1)) == Sent::closed);
    CHECK(queue.remaining_capacity() == 0);
}

TEST_CASE("the destructor sends queued points and flushes the transmitter") {
    Memory memory;
    {
        Buffered queue{memory, {.max_flush_interval = 1h, .linger = 1h}};
        queue.publish(points(0, 10));
    }
    CHECK(numbers(memory) == numbers(0, 10));
    CHECK(memory.flushes() == 1);
}

TEST_CASE("the destructor stops waiting for a dead transmitter after linger, and counts the lost points") {
    Memory memory;
    memory.fail(1'000'000);
    test::ManualTime time;
    std::shared_ptr<tickertape::stage::Ledger> accounts;
    std::atomic<bool> gone{false};
    std::thread destroyer;
    {
        auto queue = std::make_unique<Buffered>(
            tickertape::stage::BufferedAccess::make(memory, {.max_flush_interval = 1h, .linger = 3s}, time));
        accounts = queue->accounts();
        queue->publish(points(0, 10));
        destroyer = std::thread{[&gone, owned = std::move(queue)]() mutable {
            owned.reset();
            gone = true;
        }};
    }
    time.await_wait_until(time.now() + 100ms); // it has tried
    time.advance(2900ms);
    await([&] { return memory.publishes() >= 2; }); // and again
    CHECK_FALSE(gone);
    time.advance(100ms);
    destroyer.join();
    CHECK(accounts->now().dropped_for(Loss::shutdown) == 10);
    CHECK(accounts->now().balanced());
    CHECK(memory.flushes() == 0);
}

TEST_CASE("a linger of 0 sends nothing at the end") {
    Memory memory;
    {
        Buffered{memory, {.max_flush_interval = 1h, .linger = 0ms}}.publish(points(0, 10));
    }
    CHECK(memory.size() == 0);
    CHECK(memory.flushes() == 0);
}

TEST_CASE("a queue moves with its points, and goes where any transmitter may") {
    Memory first;
    Memory second;
    Buffered queue{first, {.max_flush_interval = 1h}};
    queue.add(point(1));
    Buffered moved{std::move(queue)};
    moved.add(point(2));
    Buffered other{second, {.max_flush_interval = 1h}};
    other.add(point(3));
    other = std::move(moved); // the points of `other` are sent first
    CHECK(numbers(second) == numbers(3, 4));
    CHECK(first.size() == 0);
    tickertape::AnyTransmitter any{std::move(other)};
    CHECK(any.accounts() != nullptr);
    CHECK(any.flush(far));
    CHECK(numbers(first) == numbers(1, 3));
}

TEST_CASE("a transmitter that calls back is neither waited for nor made to wait") {
    for (const Overflow overflow : {Overflow::block, Overflow::drop_newest, Overflow::drop_oldest}) {
        const auto state = std::make_shared<Moody::State>();
        state->is_calm = true;
        Buffered queue{Moody{state, 1}, {.max_buffer_size = 4, .max_flush_interval = 1ms, .overflow = overflow}};
        state->calls_back = &queue;
        for (int i = 0; i < 1000; ++i) {
            queue.add(point(i));
        }
        await([&] { return state->called_back > 20 || queue.add(point(1)) == Sent::closed; });
        state->calls_back = nullptr;
        CHECK(queue.flush(far));
        CHECK_FALSE(state->flushed_from_inside);
        CHECK(queue.account().balanced());
        CHECK(queue.account().queued == 0);
    }
}

TEST_CASE("a stop from within the transmitter does not wait for itself") {
    struct Stopper final : tickertape::Transmitter {
        explicit Stopper(std::atomic<Buffered*>& to_stop) : queue{&to_stop} {}
        Outcome publish(std::span<const Point> points) override {
            queue->load()->stop();
            return Outcome::all(points);
        }
        std::atomic<Buffered*>* queue;
    };
    std::atomic<Buffered*> address{nullptr};
    Buffered queue{Stopper{address}, {.max_buffer_size = 10, .max_batch_size = 2}};
    address = &queue;
    queue.publish(points(0, 10));
    await([&] { return queue.account().queued == 0; });
    CHECK(queue.account().acked == 2);
    CHECK(queue.account().dropped_for(Loss::shutdown) == 8);
}

TEST_CASE("whatever a transmitter does, each point is taken once, in order, or rejected, and the accounts balance") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    for (int round = 0; round < 10; ++round) {
        const auto state = std::make_shared<Moody::State>();
        const BufferedOptions options{.max_buffer_size = 1 + test::up_to(random, 50),
                                      .max_flush_interval = 1ms,
                                      .overflow = Overflow::block,
                                      .max_batch_size = 1 + test::up_to(random, 20)};
        constexpr std::int64_t count = 200;
        bool balanced = true;
        Account account;
        {
            Buffered queue{Moody{state, random()}, options};
            std::thread auditor{[&] {
                state->publishes.watch([&, accounts = queue.accounts()] {
                    const Account now = accounts->now();
                    balanced = balanced && now.balanced() && now.queued <= options.max_buffer_size;
                });
            }};
            for (std::int64_t next = 0; next < count;) {
                const auto end = std::min(count, next + static_cast<std::int64_t>(test::up_to(random, 30)));
                queue.publish(points(next, end));
                next = end;
            }
            state->is_calm = true;
            CHECK(queue.flush(far));
            state->publishes.end();
            auditor.join();
            account = queue.account();
        }
        std::vector<std::int64_t> expected = numbers(0, count);
        std::erase_if(expected, [](std::int64_t number) { return number % 7 == 0; });
        CHECK(state->taken == expected);
        CHECK(balanced);
        CHECK(account.accepted == count);
        CHECK(account.acked == expected.size());
        CHECK(account.rejected_for(Reason::refused) == count - expected.size());
    }
}

TEST_CASE(
    "eight threads, a transmitter that is slow, fails and calls back, and each policy: exact accounts, no deadlock") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    for (const Overflow overflow : {Overflow::drop_oldest, Overflow::drop_newest, Overflow::block}) {
        const auto state = std::make_shared<Moody::State>();
        constexpr int threads = 8;
        constexpr std::int64_t each = 1000;
        std::atomic<std::uint64_t> dropped{0};
        std::atomic<int> running{threads};
        std::uint64_t taken = 0;
        bool balanced = true;
        Account account;
        {
            Buffered queue{
                Moody{state, seed},
                {.max_buffer_size = 500, .max_flush_interval = 1ms, .overflow = overflow, .max_batch_size = 64}};
            state->calls_back = &queue;
            test::on_threads(
                threads,
                [&](int thread) {
                    for (std::int64_t i = 0; i < each; ++i) {
                        const Sent result = queue.add(point(thread * each + i));
                        dropped += result == Sent::dropped ? 1 : 0;
                        if (i % 200 == 0) {
                            queue.flush(std::chrono::steady_clock::now() + 1ms);
                        }
                    }
                    if (--running == 0) {
                        state->publishes.end();
                    }
                },
                [&] { state->publishes.watch([&] { balanced = balanced && queue.account().balanced(); }); });
            state->calls_back = nullptr;
            state->is_calm = true;
            CHECK(queue.flush(far));
            queue.stop();
            account = queue.account();
            taken = state->taken.size();
        }
        CHECK(balanced);
        CHECK(account.balanced());
        CHECK(account.accepted >= threads * each);
        CHECK(account.acked == taken);
        CHECK(account.queued + account.in_flight + account.dropped_for(Loss::shutdown) == 0);
        CHECK(account.dropped_for(Loss::queue_full) >= dropped);
        std::array<std::int64_t, threads> last{};
        last.fill(-1);
        for (const std::int64_t number : state->taken) { // each thread's points keep their order
            if (number >= 0) {
                const auto thread = static_cast<std::size_t>(number / each);
                REQUIRE(last[thread] < number);
                last[thread] = number;
            }
        }
        if (overflow == Overflow::block) { // only points that the transmitter itself adds can find the queue full
            CHECK(dropped == 0);
            std::int64_t own = 0;
            for (const std::int64_t number : state->taken) {
                own += number >= 0 ? 1 : 0;
            }
            CHECK(own + static_cast<std::int64_t>(account.rejected_for(Reason::refused)) == threads * each);
        }
    }
}

TEST_CASE("in the child of a fork a queue accepts and sends nothing, does not hang, and warns once") {
    Gate gate;
    std::array<int, 2> errors{};
    REQUIRE(pipe(errors.data()) == 0);
    {
        auto queue = std::make_unique<Buffered>(gate.transmitter(), BufferedOptions{.max_buffer_size = 10});
        Buffered other{Memory{}};
        queue->publish(points(0, 10));
        gate.await_publish();
        std::fflush(nullptr);
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            dup2(errors[1], STDERR_FILENO);
            bool right = queue->publish(points(0, 1)).closed && queue->add(point(1)) == Sent::closed &&
                         !queue->flush(far) && queue->remaining_capacity() == 0 && queue->account().accepted == 0;
            queue->close();
            queue->stop();
            queue.reset();
            other = Buffered{std::move(other)};
            _exit(right ? 0 : 1);
        }
        close(errors[1]);
        int status = -1;
        waitpid(child, &status, 0);
        CHECK(status == 0);
        std::string said(1000, '\0');
        said.resize(static_cast<std::size_t>(std::max<ssize_t>(read(errors[0], said.data(), said.size()), 0)));
        CHECK(said ==
              "tickertape: this process was forked from one with a queue of points; it accepts and sends none\n");
        close(errors[0]);
        gate.open();
        CHECK(queue->flush(far)); // the parent continues
    }
    CHECK(gate.taken() == numbers(0, 10));
}
