// SPDX-License-Identifier: MIT
#include <tickertape/testkit/memory.hpp>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace tickertape {

struct Memory::Store {
    std::mutex mutex;
    std::vector<Point> points;
    std::function<std::optional<Reason>(const Point&)> rule;
    std::optional<std::size_t> take_only;
    std::size_t publishes = 0;
    std::size_t flushes = 0;
    std::size_t failures = 0;
    std::size_t failing_flushes = 0;
    bool closed = false;
};

Memory::Memory() : store_{std::make_shared<Store>()} {}

Outcome Memory::publish(std::span<const Point> points) {
    Store& store = *store_;
    const std::lock_guard lock{store.mutex};
    ++store.publishes;
    Outcome outcome;
    if (store.closed) {
        outcome.closed = true;
        return outcome;
    }
    if (store.failures > 0) {
        --store.failures;
        throw std::runtime_error{"Memory was told to fail"};
    }
    const std::size_t most = std::exchange(store.take_only, std::nullopt).value_or(points.size());
    outcome.retry_from = std::min(most, points.size());
    for (std::size_t i = 0; i < outcome.retry_from; ++i) {
        if (const auto reason = store.rule ? store.rule(points[i]) : std::nullopt) {
            outcome.rejected.push_back({i, *reason});
        } else {
            store.points.push_back(points[i]);
        }
    }
    return outcome;
}

bool Memory::flush(SteadyTime /*deadline*/) {
    const std::lock_guard lock{store_->mutex};
    ++store_->flushes;
    if (store_->failing_flushes > 0) {
        --store_->failing_flushes;
        return false;
    }
    return true;
}

std::vector<Point> Memory::points() const {
    const std::lock_guard lock{store_->mutex};
    return store_->points;
}

std::size_t Memory::size() const {
    const std::lock_guard lock{store_->mutex};
    return store_->points.size();
}

std::size_t Memory::publishes() const {
    const std::lock_guard lock{store_->mutex};
    return store_->publishes;
}

std::size_t Memory::flushes() const {
    const std::lock_guard lock{store_->mutex};
    return store_->flushes;
}

void Memory::clear() {
    const std::lock_guard lock{store_->mutex};
    store_->points.clear();
}

void Memory::reject(std::function<std::optional<Reason>(const Point&)> rule) {
    const std::lock_guard lock{store_->mutex};
    store_->rule = std::move(rule);
}

void Memory::take_only(std::size_t points) {
    const std::lock_guard lock{store_->mutex};
    store_->take_only = points;
}

void Memory::fail(std::size_t times) {
    const std::lock_guard lock{store_->mutex};
    store_->failures = times;
}

void Memory::fail_flushes(std::size_t times) {
    const std::lock_guard lock{store_->mutex};
    store_->failing_flushes = times;
}

void Memory::close() {
    const std::lock_guard lock{store_->mutex};
    store_->closed = true;
}

} // namespace tickertape
