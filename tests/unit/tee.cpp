// SPDX-License-Identifier: MIT
#include <tickertape/tee.hpp>

#include <tickertape/testkit/memory.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/messages.hpp"
#include "support/queues.hpp"

using namespace std::chrono_literals;
using test::await;
using test::Gate;
using test::numbers;
using test::points;
using tickertape::Account;
using tickertape::AnyTransmitter;
using tickertape::Buffered;
using tickertape::Memory;
using tickertape::Outcome;
using tickertape::Overflow;
using tickertape::Point;
using tickertape::Reason;
using tickertape::SteadyTime;
using tickertape::Tee;
using tickertape::Transmitter;
using tickertape::UsageError;
using Loss = tickertape::Account::Loss;

namespace {

const SteadyTime far = std::chrono::steady_clock::now() + 1h;

/// Accepts points at once; the test controls its results.
class Told final : public Transmitter {
public:
    struct What {
        std::function<Outcome(std::span<const Point>)> publish = [](std::span<const Point> points) {
            return Outcome::all(points);
        };
        std::function<bool()> flush = [] { return true; };
        std::function<void()> end = [] {};
        bool keeps_every_event = true;
    };
    explicit Told(What what) : what_{std::move(what)} {}
    Told(Told&& other) noexcept : what_{std::exchange(other.what_, {})} {}
    Told& operator=(Told&&) = delete;
    ~Told() override { what_.end(); }

    Outcome publish(std::span<const Point> points) override { return what_.publish(points); }
    bool flush(SteadyTime /*deadline*/) override { return what_.flush(); }
    [[nodiscard]] Transmitter::Traits traits() const noexcept override {
        return {.keeps_every_event = what_.keeps_every_event, .takes_at_once = true};
    }

private:
    What what_;
};

/// The first of two calls waits for the second one, which comes only if both are called at the same time.
class Meeting {
public:
    bool operator()() {
        if (++here_ == 2) {
            both_.set_value();
        }
        return future_.wait_for(60s) == std::future_status::ready;
    }

private:
    std::atomic<int> here_{0};
    std::promise<void> both_;
    std::shared_future<void> future_ = both_.get_future().share();
};

} // namespace

TEST_CASE("each destination of a Tee gets every point, and one that blocks delays only itself") {
    Gate gate;
    Memory memory;
    Tee tee{gate.transmitter(), std::ref(memory)};
    CHECK(tee.destinations() == 2);
    for (std::int64_t i = 0; i < 10; ++i) {
        CHECK(tee.publish(points(i, i + 1)).retry_from == 1);
    }
    await([&] { return memory.size() == 10; });
    CHECK(numbers(memory) == numbers(0, 10));
    CHECK(tee.account(1).acked == 10);
    CHECK(tee.account(0).acked == 0);
    CHECK(tee.account(0).accepted == 10);
    gate.open();
    CHECK(tee.flush(far));
    CHECK(gate.taken() == numbers(0, 10));
    CHECK(tee.account(0).acked == 10);
    CHECK_THROWS_AS(tee.account(2), std::out_of_range);
}

TEST_CASE("points that the queue of a destination cannot hold are dropped there and counted only in its account") {
    Gate gate;
    Memory memory;
    Tee tee{Buffered{gate.transmitter(), {.max_buffer_size = 2, .max_flush_interval = 1ms}}, std::ref(memory)};
    tee.publish(points(0, 1));
    gate.await_publish();
    tee.publish(points(1, 10));
    CHECK(tee.account(0).dropped_for(Loss::queue_full) == 7);
    CHECK(tee.account(0).balanced());
    await([&] { return memory.size() == 10; });
    CHECK(tee.account(1).all_dropped() == 0);
    gate.open();
}

TEST_CASE("a destination of a Tee that may block is refused, and so is a Tee without destinations") {
    Memory memory;
    std::vector<AnyTransmitter> all;
    CHECK_THROWS_AS(Tee{std::move(all)}, UsageError);
    try {
        const Tee tee{std::ref(memory), Buffered{std::ref(memory), {.overflow = Overflow::block}}};
        FAIL();
    } catch (const UsageError& error) {
        CHECK(std::string{error.what()} ==
              "destination 1 of a Tee has a queue with Overflow::block, which would hold up the others; choose "
              "drop_oldest, and a spool if nothing may be dropped");
    }
}

TEST_CASE("destinations of a Tee are flushed at the same time, and end at the same time") {
    Meeting flushed;
    Meeting ended;
    std::atomic<int> met{0};
    const Told::What what{.flush = [&] { return flushed(); }, .end = [&] { met += ended() ? 1 : 0; }};
    {
        Tee tee{Told{what}, Told{what}};
        CHECK(tee.flush(far));
    }
    CHECK(met == 2);
}

TEST_CASE("a flush of a Tee fails if one destination does not send everything") {
    Memory memory;
    Tee tee{Told{{.flush = [] { return false; }}}, Buffered{std::ref(memory)}};
    tee.publish(points(0, 3));
    CHECK_FALSE(tee.flush(far));
    CHECK(memory.size() == 3);
}

TEST_CASE("a destination that closes, throws or rejects affects only itself and is counted") {
    const test::Messages messages;
    Memory memory;
    const auto close = [](std::span<const Point>) { return Outcome{.retry_from = 1, .closed = true}; };
    Tee tee{Told{{.publish = close}},
            Told{{.publish = [](std::span<const Point>) -> Outcome { throw std::runtime_error{"told to"}; }}},
            Told{{.publish =
                      [](std::span<const Point> points) {
                          return Outcome{.retry_from = points.size(),
                                         .rejected = {{.index = 1, .reason = Reason::refused}}};
                      }}},
            Told{{.publish = [&](std::span<const Point> points) { return memory.publish(points); }}}};
    const Outcome outcome = tee.publish(points(0, 4));
    CHECK(outcome.retry_from == 4);
    CHECK_FALSE(outcome.closed);
    CHECK(tee.account(0).acked == 1);
    CHECK(tee.account(0).dropped_for(Loss::shutdown) == 3);
    CHECK(tee.account(1).dropped_for(Loss::shutdown) == 4);
    CHECK(tee.account(2).acked == 3);
    CHECK(tee.account(2).rejected_for(Reason::refused) == 1);
    CHECK(tee.account(3).acked == 4);
    for (std::size_t i = 0; i < tee.destinations(); ++i) {
        CHECK(tee.account(i).accepted == 4);
        CHECK(tee.account(i).balanced());
    }
    CHECK(messages.have("destination 0 of a Tee: it takes no more points; the others go on"));
    CHECK(messages.have("destination 1 of a Tee: told to"));
}

TEST_CASE("a Tee is closed when all of its destinations are, and a spool counts if all have one") {
    const auto take = [](std::size_t spooled, bool closed) {
        return Told{{.publish = [=](std::span<const Point> points) {
            return Outcome{.retry_from = points.size(), .closed = closed, .spooled = spooled};
        }}};
    };
    const test::Messages messages;
    CHECK(Tee{take(3, true), take(2, true)}.publish(points(0, 3)).closed);
    CHECK_FALSE(Tee{take(3, true), take(2, false)}.publish(points(0, 3)).closed);
    CHECK(Tee{take(3, false), take(2, false)}.publish(points(0, 3)).spooled == 2);
}

TEST_CASE("a Tee takes at once, and keeps every event if each destination does") {
    CHECK(Tee{Told{{}}, Told{{}}}.traits().keeps_every_event);
    CHECK_FALSE(Tee{Told{{}}, Told{{.keeps_every_event = false}}}.traits().keeps_every_event);
    CHECK(Tee{Told{{}}, Told{{}}}.traits().takes_at_once);
}
