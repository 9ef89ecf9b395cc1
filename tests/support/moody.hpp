// SPDX-License-Identifier: MIT
/// \file
/// A transmitter that is as difficult as possible, and the events that wake its observer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <tickertape/buffered.hpp>

#include "support/queues.hpp"
#include "support/seed.hpp"

namespace test {

/// The changes of the accounts: an auditor waits for one before each check.
class Events {
public:
    void tell() {
        ++count_;
        count_.notify_all();
    }
    void end() {
        is_over_ = true;
        tell();
    }
    /// Calls `look` after each event, or after several that came meanwhile, until the end.
    template <class F>
    void watch(F look) const {
        for (unsigned seen = 0; !is_over_;) {
            count_.wait(seen);
            seen = count_;
            look();
        }
    }

private:
    std::atomic<unsigned> count_{0};
    std::atomic<bool> is_over_{false};
};

/// Rejects multiples of seven. For other points it randomly fails, accepts some or accepts all, and sometimes calls the queue.
class Moody final : public tickertape::Transmitter {
public:
    struct State {
        std::vector<std::int64_t> taken; // written by the queue's thread; read after its end
        std::atomic<bool> is_calm{false};
        std::atomic<tickertape::Buffered*> calls_back{nullptr};
        std::atomic<std::uint64_t> called_back{0};
        std::atomic<bool> flushed_from_inside{false};
        Events publishes;
    };
    Moody(std::shared_ptr<State> state, std::uint64_t seed) : state_{std::move(state)}, random_{seed} {}

    tickertape::Outcome publish(std::span<const tickertape::Point> points) override {
        state_->publishes.tell();
        if (tickertape::Buffered* const queue = state_->calls_back; queue != nullptr && once_in(random_, 4)) {
            if (queue->add(point(-1)) != tickertape::Sent::closed) {
                ++state_->called_back;
            }
            if (queue->flush(tickertape::SteadyTime::max())) {
                state_->flushed_from_inside = true;
            }
        }
        if (!state_->is_calm && once_in(random_, 4)) {
            throw std::runtime_error{"it is in a bad mood"};
        }
        tickertape::Outcome outcome = tickertape::Outcome::all(points);
        if (!state_->is_calm) {
            outcome.retry_from = up_to(random_, points.size());
            std::this_thread::yield();
        }
        for (std::size_t i = 0; i < outcome.retry_from; ++i) {
            const std::int64_t number = points[i].value().integer();
            if (number >= 0 && number % 7 == 0) {
                outcome.rejected.push_back({i, tickertape::Reason::refused});
            } else {
                state_->taken.push_back(number);
            }
        }
        return outcome;
    }

private:
    std::shared_ptr<State> state_;
    Random random_;
};

} // namespace test
