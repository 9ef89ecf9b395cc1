// SPDX-License-Identifier: MIT
#include <tickertape/counter.hpp>

#include <algorithm>
#include <bit>

#include "base/forks.hpp"
#include "counter/pulse.hpp"
#include "counter/rate_state.hpp"
#include "counter/registry.hpp"
#include "counter/run.hpp"
#include "counter/stock_state.hpp"
#include "counter/windows.hpp"

namespace tickertape {

namespace counter {
constinit thread_local const Run* this_threads_run = nullptr;
} // namespace counter

using counter::CounterState;
using counter::History;
using counter::Registry;

namespace {

template <class T>
T typed(std::uint64_t bits) noexcept {
    return std::bit_cast<T>(bits);
}

template <class T>
Window<T> window_of(const CounterState& state, std::optional<T> running) {
    return Window<T>{
        counter::buckets_of<T>(state, running, [](std::uint64_t, std::uint64_t bits) { return typed<T>(bits); })};
}

} // namespace

CounterBase& CounterBase::operator=(CounterBase&& other) noexcept {
    if (this != &other) {
        if (state_ != nullptr) {
            Registry::instance().retire(*state_);
        }
        state_ = std::exchange(other.state_, nullptr);
    }
    return *this;
}

CounterBase::~CounterBase() {
    if (state_ != nullptr) {
        Registry::instance().retire(*state_);
    }
}

const Series& CounterBase::series() const noexcept { return state_->series; }

std::chrono::milliseconds CounterBase::granularity() const noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(state_->group->timeline.granularity());
}

std::chrono::milliseconds CounterBase::timespan() const noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(state_->timespan);
}

Clock& CounterBase::clock() const noexcept { return state_->group->pulse.clock(); }

CounterBase::Stats CounterBase::stats() const {
    const std::lock_guard lock{Registry::instance().mutex};
    state_->group->settle();
    CounterBase::Stats stats = state_->stats;
    state_->add_to(stats);
    return stats;
}

void CounterBase::suspend() {
    const std::lock_guard lock{Registry::instance().mutex};
    state_->group->pulse.tick(clock().read(), true); // a late tick must not take later counts for earlier ones
    if (!state_->suspended) {
        state_->suspended = true;
        state_->history.mark_partial(state_->history.end());
    }
}

void CounterBase::resume() {
    const std::lock_guard lock{Registry::instance().mutex};
    state_->group->pulse.tick(clock().read(), true);
    if (state_->suspended) {
        state_->suspended = false;
        state_->history.mark_partial(state_->history.end());
    }
}

void CounterBase::clear() {
    const std::lock_guard lock{Registry::instance().mutex};
    state_->group->pulse.tick(clock().read(), true);
    History& history = state_->history;
    state_->stats.counts_cleared += state_->waiting_count();
    state_->rebase();
    history.clear();
    if (!state_->suspended) {
        history.mark_partial(history.end());
    }
}

std::size_t CounterBase::dump(Transmitter& transmitter) {
    constexpr std::size_t batch_size = 4096;
    if (base::reports_inert_fork()) {
        return 0;
    }
    Registry& registry = Registry::instance();
    std::size_t settled = 0;
    point::PointBuffer batch;
    std::vector<std::uint64_t> sequences;
    bool first = true;
    while (true) {
        batch.clear();
        sequences.clear();
        std::uint64_t behind = 0;
        {
            const std::lock_guard lock{registry.mutex};
            if (std::exchange(first, false)) {
                state_->group->pulse.tick(clock().read(), true);
                // Points may come back after a long time: until then the ring must not overwrite their buckets.
                state_->history.reserve(state_->history.most());
            }
            state_->collect(batch_size, batch, &sequences);
            behind = state_->history.cursor();
        }
        if (batch.empty()) {
            return settled;
        }
        const auto give_back = [&](std::size_t from) {
            const std::lock_guard lock{registry.mutex};
            state_->give_back(batch, sequences, from, behind);
        };
        Outcome outcome;
        try {
            outcome = transmitter.publish(batch);
        } catch (...) {
            give_back(0);
            throw;
        }
        settled += outcome.retry_from;
        if (outcome.retry_from < batch.size()) {
            give_back(outcome.retry_from);
            return settled;
        }
    }
}

MetricCounter<rate>::MetricCounter(Name metric, const CounterOptions& options) {
    rate_ = &Registry::instance().make_rate(metric, options);
    state_ = rate_;
    id_ = rate_->id;
}

Window<std::int64_t> MetricCounter<rate>::window() const {
    const std::lock_guard lock{Registry::instance().mutex};
    rate_->group->settle();
    const std::optional<std::int64_t> running =
        rate_->suspended ? std::nullopt : std::optional{static_cast<std::int64_t>(rate_->total() - rate_->last)};
    return window_of<std::int64_t>(*rate_, running);
}

std::vector<std::int64_t> MetricCounter<rate>::present_values() const { return counter::present(window()); }

MetricCounter<stock>::MetricCounter(Name metric, const CounterOptions& options) {
    stock_ = &Registry::instance().make_stock(metric, options);
    state_ = stock_;
    last_ = options.fold == Fold::last ? &stock_->cell : nullptr;
}

void MetricCounter<stock>::set_slowly(double reading) noexcept {
    if (stock_ == nullptr) {
        counter::add_to_spill(nullptr, 1); // before the constructor of a static counter: counted as an orphan
        return;
    }
    if (!std::isfinite(reading)) {
        stock_->refused.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    const counter::Run* const run = counter::this_threads_run;
    if (run == nullptr || run->clock != &clock()) {
        stock_->cell.fold(reading);
        return;
    }
    const WallTime bucket = counter::bucket_start(run->due, stock_->group->timeline.granularity());
    const auto is_open = [&] {
        return bucket.time_since_epoch().count() >= stock_->group->open.load(std::memory_order_acquire);
    };
    if (is_open()) {
        stock_->cell.fold(reading);
        if (!is_open()) { // the bucket ended just now; whether it has the reading is not known
            stock_->late.fetch_add(1, std::memory_order_relaxed);
        }
        return;
    }
    // The run took longer than its bucket. Trying, not waiting, keeps this callable from a signal handler that interrupts
    // the holder of the mutex.
    constexpr int attempts = 1000;
    Registry& registry = Registry::instance();
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const std::unique_lock lock{registry.mutex, std::try_to_lock};
        if (lock.owns_lock()) {
            if (stock_->amend(bucket, reading)) {
                return;
            }
            break;
        }
    }
    stock_->late.fetch_add(1, std::memory_order_relaxed);
    stock_->cell.fold(reading);
}

void MetricCounter<stock>::add(double n) noexcept {
    if (stock_ == nullptr) {
        counter::add_to_spill(nullptr, 1);
    } else if (!std::isfinite(n) || !stock_->cell.add(n)) {
        stock_->refused.fetch_add(1, std::memory_order_relaxed);
    }
}

Window<double> MetricCounter<stock>::window() const {
    const std::lock_guard lock{Registry::instance().mutex};
    return window_of<double>(*stock_, stock_->suspended ? std::nullopt : stock_->cell.peek());
}

std::vector<double> MetricCounter<stock>::present_values() const { return counter::present(window()); }

CounterBase::ProcessStats process_stats() {
    const Registry& registry = Registry::instance();
    const std::lock_guard lock{Registry::instance().mutex};
    return registry.stats();
}

} // namespace tickertape
