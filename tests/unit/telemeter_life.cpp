// SPDX-License-Identifier: MIT
// The end of a Telemeter: before its handles, before threads, in a fork, and in the middle of calls.
#include <tickertape/telemeter.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <tickertape/discard.hpp>
#include <tickertape/testkit/memory.hpp>

#include "support/allocations.hpp"
#include "support/catch.hpp"
#include "support/counting.hpp"
#include "support/queues.hpp"

using namespace std::chrono_literals;
using namespace tickertape;
using test::await;

namespace {

SteadyTime soon() { return std::chrono::steady_clock::now() + 60s; }

/// Returns given answers, and holds an object that is destroyed with it.
class Traced final : public Transmitter {
public:
    Traced(std::shared_ptr<int> token, Memory memory, Transmitter::Traits traits)
        : token_{std::move(token)}, memory_{std::move(memory)}, traits_{traits} {}
    Outcome publish(std::span<const Point> points) override { return memory_.publish(points); }
    [[nodiscard]] Transmitter::Traits traits() const noexcept override { return traits_; }

private:
    std::shared_ptr<int> token_;
    Memory memory_;
    Transmitter::Traits traits_;
};

/// Also records in each `publish`.
class CallsBack final : public Transmitter {
public:
    struct Handle {
        std::unique_ptr<TelemeterCounter> counter{};
        std::atomic<bool> is_set{false};
    };
    CallsBack(std::shared_ptr<Handle> handle, Memory memory) : handle_{std::move(handle)}, memory_{std::move(memory)} {}
    Outcome publish(std::span<const Point> points) override {
        if (handle_->is_set && points.front().series().metric() != "own") {
            handle_->counter->inc({{"points", std::to_string(points.size())}});
        }
        return memory_.publish(points);
    }

private:
    std::shared_ptr<Handle> handle_;
    Memory memory_;
};

} // namespace

TEST_CASE("telemeter: its transmitter ends with it, also when handles live longer") {
    const Transmitter::Traits traits = GENERATE(Transmitter::Traits{}, Transmitter::Traits{.keeps_every_event = false},
                                                Transmitter::Traits{.takes_at_once = true},
                                                Transmitter::Traits{.keeps_every_event = false, .takes_at_once = true});
    const bool is_bucketed = GENERATE(false, true);
    CAPTURE(traits.keeps_every_event, traits.takes_at_once, is_bucketed);
    testkit::ManualClock clock{test::epoch};
    auto token = std::make_shared<int>();
    const std::weak_ptr<int> alive{token};
    const Memory memory;
    std::optional<Telemeter> telemeter{std::in_place, Traced{std::move(token), memory, traits}, Tags{},
                                       TelemeterOptions{.clock = &clock}};
    const auto requests = is_bucketed ? telemeter->counter("requests", bucketed) : telemeter->counter("requests");
    const auto timer = telemeter->timer("time");
    {
        const auto timing = timer.timeit();
        requests.inc();
        telemeter.reset();
        CHECK(alive.expired());
        CHECK(test::sum(memory, "requests") == 1);
    }
    requests.inc();
    requests.inc({{"tag", "new"}});
    CHECK(test::sum(memory, "requests") == 1);
}

TEST_CASE("telemeter: a transmitter that calls back is not waited for, and ends with its Telemeter") {
    const Memory memory;
    std::weak_ptr<CallsBack::Handle> alive;
    {
        auto owned = std::make_shared<CallsBack::Handle>();
        alive = owned;
        Telemeter telemeter{CallsBack{owned, memory}};
        owned->counter = std::make_unique<TelemeterCounter>(telemeter.counter("own"));
        owned->is_set = true;
        owned.reset();
        const auto requests = telemeter.counter("requests");
        test::on_threads(4, [&](int /*i*/) {
            for (int n = 0; n < 500; ++n) {
                requests.inc();
                static_cast<void>(n % 100 == 0 && telemeter.flush(soon()));
            }
        });
        CHECK(telemeter.flush(soon()));
        CHECK(telemeter.stats().all() == 0);
    }
    CHECK(alive.expired());
    CHECK(test::sum(memory, "requests") == 2000);
    CHECK(test::sum(memory, "own") > 0);
}

TEST_CASE("telemeter: its end waits for a call that is under way in a transmitter, and lets no other begin") {
    struct State {
        std::atomic<bool> is_inside{false};
        std::atomic<bool> may_leave{false};
        std::atomic<bool> was_gone{false};
        std::atomic<bool> is_gone{false};
        std::atomic<int> calls{0};
    } state;
    class Slow final : public Transmitter {
    public:
        explicit Slow(State& state) : state_{&state} {}
        Outcome publish(std::span<const Point> points) override {
            if (++state_->calls == 1) {
                state_->is_inside = true;
                state_->may_leave.wait(false);
                state_->was_gone = state_->is_gone.load();
            }
            return Outcome::all(points);
        }
        [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.takes_at_once = true}; }

    private:
        State* state_;
    };
    std::optional<Telemeter> telemeter{std::in_place, Slow{state}};
    const auto requests = telemeter->counter("requests");
    std::thread caller{[&] { requests.inc(); }};
    await([&] { return state.is_inside.load(); });
    std::thread ender{[&] {
        telemeter.reset();
        state.is_gone = true;
    }};
    await([&] { // until no call can begin any more
        const int before = state.calls;
        requests.inc();
        return state.calls == before;
    });
    for (int i = 0; i < 1000; ++i) {
        std::this_thread::yield(); // enough time to notice an end that does not wait
    }
    state.may_leave = true;
    state.may_leave.notify_all();
    caller.join();
    ender.join();
    CHECK_FALSE(state.was_gone);
}

TEST_CASE("telemeter: threads that record while it ends lose nothing that was taken") {
    for (int round = 0; round < 50; ++round) {
        Discard received;
        std::atomic<std::uint64_t> taken{0};
        {
            Buffered queue{std::ref(received), {.max_flush_interval = 1ms, .overflow = Overflow::block, .linger = 1h}};
            std::optional<Telemeter> telemeter{std::in_place, std::ref(queue)};
            const auto requests = telemeter->counter("requests");
            std::atomic<bool> is_over{false};
            test::on_threads(
                3,
                [&](int /*i*/) {
                    while (!is_over) {
                        requests.inc();
                    }
                },
                [&] {
                    await([&] { return queue.account().accepted > 100; });
                    telemeter.reset();
                    taken = queue.account().accepted;
                    is_over = true;
                });
            CHECK(queue.account().accepted == taken); // none came after the end
        }
        REQUIRE(received.points() == taken);
    }
}

TEST_CASE("telemeter: with a queue that makes callers wait, its end releases them when the receiver takes nothing") {
    const bool is_merged = GENERATE(false, true);
    CAPTURE(is_merged);
    auto memory = Memory{};
    memory.fail(1'000'000);
    std::optional<Telemeter> telemeter{
        std::in_place, Traced{nullptr, memory, {.keeps_every_event = !is_merged}}, Tags{},
        TelemeterOptions{.buffer = {.max_buffer_size = 1, .overflow = Overflow::block, .linger = 50ms}}};
    const auto requests = telemeter->counter("requests");
    std::atomic<int> calls{0};
    std::thread caller{[&] {
        for (int i = 0; i < 5; ++i, ++calls) {
            requests.inc({{"call", std::to_string(i)}});
        }
    }};
    await([&] { return calls >= (is_merged ? 5 : 1); });
    telemeter.reset();
    caller.join();
    CHECK(memory.size() == 0);
}

namespace {

/// Records when its thread ends, after the destruction of objects that the thread made later.
struct AtEndOfThread {
    ~AtEndOfThread() {
        const std::size_t before = test::allocations();
        counter->inc({{"code", "200"}, {"when", "at-the-end"}});
        *allocated = test::allocations() - before;
    }
    const TelemeterCounter* counter = nullptr;
    std::size_t* allocated = nullptr;
};

} // namespace

TEST_CASE("telemeter: destructors of a thread that ends may record with tags") {
    const Memory memory;
    Telemeter telemeter{memory};
    const auto requests = telemeter.counter("requests");
    const std::string when{"at-the-end"};
    requests.inc({{"code", "200"}, {"when", when}});
    std::size_t allocated = 0;
    std::thread{[&] {
        static thread_local AtEndOfThread at_end;
        at_end.counter = &requests;
        at_end.allocated = &allocated;
        requests.inc({{"code", "200"}, {"when", when}});
    }}.join();
    REQUIRE(telemeter.flush(soon()));
    CHECK(memory.size() == 3);
    CHECK(allocated > 0); // the thread-local memory for this is gone
}

TEST_CASE("telemeter: one warning reports that its transmitter has closed") {
    class Closed final : public Transmitter {
    public:
        Outcome publish(std::span<const Point> /*points*/) override { return {.closed = true}; }
        [[nodiscard]] Transmitter::Traits traits() const noexcept override { return {.takes_at_once = true}; }
    };
    std::array<int, 2> errors{};
    REQUIRE(pipe(errors.data()) == 0);
    std::fflush(nullptr);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        dup2(errors[1], STDERR_FILENO);
        Telemeter telemeter{Closed{}};
        telemeter.counter("said.once").inc();
        telemeter.counter("said.once").inc({{"code", "200"}});
        _exit(telemeter.stats().refused == 2 ? 0 : 1);
    }
    close(errors[1]);
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
    std::string said(1000, '\0');
    said.resize(static_cast<std::size_t>(std::max<ssize_t>(read(errors[0], said.data(), said.size()), 0)));
    close(errors[0]);
    CHECK(said == "tickertape: metric 'said.once': the transmitter refuses a value or has closed: the value is lost\n");
}

TEST_CASE("telemeter: when it ends, all that was recorded is sent, the running second too") {
    const Memory memory;
    {
        Telemeter telemeter{Traced{nullptr, memory, {.keeps_every_event = false}}};
        telemeter.counter("requests").inc();
        Telemeter moved{std::move(telemeter)};
        moved.counter("requests").inc();
    }
    CHECK(test::sum(memory, "requests") == 2);
}

TEST_CASE("telemeter: the child of a fork records nothing, and ends") {
    const Memory memory;
    Telemeter telemeter{Traced{nullptr, memory, {.keeps_every_event = false}}};
    const auto requests = telemeter.counter("requests");
    const auto hot = telemeter.counter("hot", bucketed);
    requests.inc();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        requests.inc();
        requests.inc({{"tag", "new"}});
        hot.inc();
        telemeter.record("custom", 1);
        const bool flushed = telemeter.flush(soon());
        {
            Telemeter end{std::move(telemeter)};
        }
        _exit(flushed ? 1 : 0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(telemeter.flush(soon()));
    CHECK(test::sum(memory, "requests") == 1);
}

TEST_CASE("telemeter: in the child of a fork nothing hangs, whatever other threads were doing") {
    const Memory memory;
    Telemeter telemeter{memory, {{"app", "checkout"}}};
    const auto requests = telemeter.counter("requests");
    std::atomic<bool> is_over{false};
    int failed = 0;
    test::on_threads(
        1,
        [&](int /*i*/) {
            for (int n = 0; !is_over; ++n) {
                static_cast<void>(telemeter.gauge("gauge." + std::to_string(n % 1000)));
                static_cast<void>(telemeter.account());
                requests.inc();
            }
        },
        [&] {
            for (int i = 0; i < 100 && failed == 0; ++i) {
                const pid_t child = fork();
                if (child == 0) {
                    alarm(30); // a child that hangs is ended so
                    const auto counter = telemeter.counter("counter");
                    const auto hot = telemeter.counter("hot", bucketed);
                    const auto gauge = telemeter.gauge("gauge");
                    const auto timer = telemeter.timer("timer");
                    counter.inc();
                    hot.inc();
                    gauge.value(1);
                    timer.took(1s);
                    telemeter.record("record", 1, {{"tag", "new"}});
                    const Point point{Series{"point"}, test::epoch, 1};
                    const bool is_inert = telemeter.publish({&point, 1}).closed && telemeter.account().accepted == 0 &&
                                          telemeter.stats().all() == 0;
                    _exit(is_inert ? 0 : 1);
                }
                int status = -1;
                waitpid(child, &status, 0);
                failed += status == 0 ? 0 : 1;
            }
            is_over = true;
        });
    CHECK(failed == 0);
}
