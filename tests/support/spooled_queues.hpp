// SPDX-License-Identifier: MIT
/// \file
/// Shared by tests of queues with a spool: receivers, and a place for the spool.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <tickertape/buffered.hpp>
#include <tickertape/testkit/memory.hpp>

#include "stage/ledger.hpp"
#include "support/catch.hpp"
#include "support/queues.hpp"
#include "support/temporary_directory.hpp"

namespace test {

/// Accepts points while the test allows it, and keeps them unsettled, like a transmitter that waits for answers.
class Holder final : public tickertape::Transmitter {
public:
    struct State {
        std::shared_ptr<tickertape::stage::Ledger> accounts = std::make_shared<tickertape::stage::Ledger>();
        std::atomic<bool> takes{true};
        std::mutex mutex;
        std::vector<std::int64_t> held;
        std::vector<std::shared_ptr<tickertape::stage::Receipt>> receipts;
        std::vector<std::int64_t> taken; ///< in all

        /// The receiver answers.
        void ack() {
            const std::lock_guard lock{mutex};
            accounts->ack(held.size());
            held.clear();
            receipts.clear();
        }
        [[nodiscard]] std::vector<std::int64_t> numbers() {
            const std::lock_guard lock{mutex};
            return held;
        }
        [[nodiscard]] std::vector<std::int64_t> all_taken() {
            const std::lock_guard lock{mutex};
            return taken;
        }
        [[nodiscard]] std::vector<std::shared_ptr<tickertape::stage::Receipt>> held_receipts() {
            const std::lock_guard lock{mutex};
            return receipts;
        }
        /// Gives this number of points back to the spool; the receiver has answered all others.
        void give_back(std::size_t points) {
            const std::lock_guard lock{mutex};
            accounts->ack(held.size() - points);
            accounts->give_back(points);
            for (const auto& receipt : receipts) {
                receipt->give_back();
            }
            held.clear();
            receipts.clear();
        }
        /// Ends like an engine.
        void end() {
            const std::lock_guard lock{mutex};
            accounts->unconfirm(held.size());
            receipts.clear();
        }
    };
    explicit Holder(State& state) : state_{&state} {}

    tickertape::Outcome publish(std::span<const tickertape::Point> points) override {
        const std::lock_guard lock{state_->mutex};
        if (!state_->takes) {
            return {};
        }
        for (const tickertape::Point& p : points) {
            state_->held.push_back(p.value().integer());
            state_->taken.push_back(p.value().integer());
        }
        state_->receipts.push_back(state_->accounts->receipt());
        state_->accounts->take(points.size());
        return tickertape::Outcome::all(points);
    }
    [[nodiscard]] std::shared_ptr<tickertape::stage::Ledger> accounts() const override { return state_->accounts; }

private:
    State* state_;
};

class Refuser final : public tickertape::Transmitter {
public:
    tickertape::Outcome publish(std::span<const tickertape::Point> /*points*/) override { return {}; }
};

struct Place {
    TemporaryDirectory directory{};
    [[nodiscard]] tickertape::BufferedOptions options(std::size_t size = 1'000) const {
        return {.max_buffer_size = size,
                .max_flush_interval = std::chrono::milliseconds{1},
                .linger = std::chrono::milliseconds{0},
                .spool = {.directory = directory.path() / "spool",
                          .program = "test",
                          .target = "nowhere",
                          .min_free = 0,
                          .backlog_per_second = 1'000'000,
                          .wait_for_owner = std::chrono::milliseconds{0}}};
    }
    /// Returns the points that the next queue sends.
    [[nodiscard]] std::vector<std::int64_t> recovered() const {
        tickertape::Memory memory;
        tickertape::Buffered queue{std::ref(memory), options()};
        const std::uint64_t all = queue.account().recovered;
        await([&] { return memory.size() >= all; });
        await([&] { return queue.account().queued + queue.account().spooled == 0; });
        CHECK(queue.account().balanced());
        return numbers(memory);
    }
};

} // namespace test
