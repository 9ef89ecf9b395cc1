// SPDX-License-Identifier: MIT
/// \file
/// For tests of queues: numbered points, a time that stands still, and transmitters that a test controls.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <tickertape/buffered.hpp>
#include <tickertape/testkit/memory.hpp>

#include <stage/queue_time.hpp>

#include "stage/ledger.hpp"
#include "support/catch.hpp"

namespace test {

/// Waits until `condition()` is true, for a minute at most.
template <class Condition>
void await(Condition condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (!condition()) {
        REQUIRE(std::chrono::steady_clock::now() < limit);
        std::this_thread::sleep_for(std::chrono::microseconds{100});
    }
}

inline tickertape::Point point(std::int64_t number) {
    static const tickertape::Series series{"queued"};
    return {series, tickertape::WallTime{std::chrono::seconds{1'700'000'000 + number}}, number};
}

inline std::vector<tickertape::Point> points(std::int64_t begin, std::int64_t end) {
    std::vector<tickertape::Point> all;
    for (; begin < end; ++begin) {
        all.push_back(point(begin));
    }
    return all;
}

inline std::vector<std::int64_t> numbers(std::int64_t begin, std::int64_t end) {
    std::vector<std::int64_t> all;
    for (; begin < end; ++begin) {
        all.push_back(begin);
    }
    return all;
}

inline std::vector<std::int64_t> numbers(const tickertape::Memory& memory) {
    std::vector<std::int64_t> all;
    for (const tickertape::Point& p : memory.points()) {
        all.push_back(p.value().integer());
    }
    return all;
}

/// A time that stands still at 1000 s until it is advanced.
class ManualTime final : public tickertape::stage::QueueTime {
public:
    [[nodiscard]] tickertape::SteadyTime now() const override {
        const std::lock_guard lock{mutex_};
        return now_;
    }
    void wait(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
              tickertape::SteadyTime until) override {
        {
            const std::lock_guard own{mutex_};
            waited_until_.insert(until);
        }
        condition.wait_for(lock, std::chrono::milliseconds{1}); // the caller then reads the time again
        const std::lock_guard own{mutex_};
        waited_until_.erase(waited_until_.find(until));
    }
    void advance(std::chrono::nanoseconds time) {
        const std::lock_guard lock{mutex_};
        now_ += time;
    }
    /// Waits until a thread waits for that time.
    void await_wait_until(tickertape::SteadyTime until) const {
        await([&] {
            const std::lock_guard lock{mutex_};
            return waited_until_.contains(until);
        });
    }

private:
    mutable std::mutex mutex_;
    tickertape::SteadyTime now_{std::chrono::seconds{1000}};
    std::multiset<tickertape::SteadyTime> waited_until_;
};

struct QueueOnManualTime {
    QueueOnManualTime(tickertape::AnyTransmitter inner, const tickertape::BufferedOptions& options)
        : queue{tickertape::stage::BufferedAccess::make(std::move(inner), options, time)} {}
    ~QueueOnManualTime() { queue.stop(); } // the time would stand still while the queue lingers

    ManualTime time{};
    tickertape::Buffered queue;
};

/// Blocks each publish until the test sets its answer, or opens it for good.
class Gate {
public:
    [[nodiscard]] tickertape::AnyTransmitter transmitter() { return Inner{state_}; }

    void await_publish() {
        await([this] {
            const std::lock_guard lock{state_->mutex};
            return state_->waiting;
        });
    }
    void answer(tickertape::Outcome outcome) {
        const std::lock_guard lock{state_->mutex};
        state_->waiting = false;
        state_->answers.push_back(std::move(outcome));
        state_->change.notify_all();
    }
    /// Makes the waiting publish throw.
    void fail() {
        const std::lock_guard lock{state_->mutex};
        state_->waiting = false;
        state_->answers.emplace_back(std::nullopt);
        state_->change.notify_all();
    }
    void open() {
        const std::lock_guard lock{state_->mutex};
        state_->is_open = true;
        state_->change.notify_all();
    }
    [[nodiscard]] std::vector<std::int64_t> taken() const {
        const std::lock_guard lock{state_->mutex};
        return state_->taken;
    }

private:
    struct State {
        std::mutex mutex;
        std::condition_variable change;
        bool waiting = false;
        bool is_open = false;
        std::deque<std::optional<tickertape::Outcome>> answers;
        std::vector<std::int64_t> taken;
    };

    class Inner final : public tickertape::Transmitter {
    public:
        explicit Inner(std::shared_ptr<State> state) : state_{std::move(state)} {}
        tickertape::Outcome publish(std::span<const tickertape::Point> points) override {
            std::unique_lock lock{state_->mutex};
            state_->waiting = true;
            state_->change.wait(lock, [this] { return state_->is_open || !state_->answers.empty(); });
            tickertape::Outcome outcome = tickertape::Outcome::all(points);
            if (!state_->answers.empty()) {
                const auto answer = state_->answers.front();
                state_->answers.pop_front();
                if (!answer) {
                    throw std::runtime_error{"the gate was told to fail"};
                }
                outcome = *answer;
            }
            for (const tickertape::Point& p : points.first(outcome.retry_from)) {
                state_->taken.push_back(p.value().integer());
            }
            return outcome;
        }

    private:
        std::shared_ptr<State> state_;
    };

    std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// Keeps accounts, and accepts this number of points of each publish.
class Bookkeeper final : public tickertape::Transmitter {
public:
    struct State {
        std::shared_ptr<tickertape::stage::Ledger> accounts = std::make_shared<tickertape::stage::Ledger>();
        std::atomic<std::size_t> takes{0};
        std::atomic<std::size_t> publishes{0};
        std::atomic<bool> throws{false};
    };
    explicit Bookkeeper(State& state) : state_{&state} {}

    tickertape::Outcome publish(std::span<const tickertape::Point> points) override {
        ++state_->publishes;
        if (state_->throws) {
            throw std::runtime_error{"the bookkeeper was told to throw"};
        }
        const std::size_t taken = std::min<std::size_t>(state_->takes, points.size());
        state_->accounts->take(taken);
        return {.retry_from = taken};
    }
    [[nodiscard]] std::shared_ptr<tickertape::stage::Ledger> accounts() const override { return state_->accounts; }

private:
    State* state_;
};

} // namespace test
