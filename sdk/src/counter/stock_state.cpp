// SPDX-License-Identifier: MIT
// The tick of a stock.
#include "counter/stock_state.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "counter/group.hpp"

namespace tickertape::counter {

namespace {

std::uint64_t bits_of(double reading) noexcept {
    return std::bit_cast<std::uint64_t>(reading == 0 ? 0.0 : reading); // -0.0 means absent
}

} // namespace

void StockState::enter() { group->enter(*this); }

void StockState::leave() noexcept { group->leave(*this); }

std::optional<double> StockState::take_reading() {
    const std::optional<double> reading = cell.harvest();
    if (reading && !std::isfinite(*reading)) {
        refused.fetch_add(1, std::memory_order_relaxed); // the sum of a mean overflowed
        return std::nullopt;
    }
    return reading;
}

void StockState::lose(std::uint64_t /*bits*/) { ++stats.buckets_lost; }

void StockState::close(std::uint64_t ended) {
    const Timeline& timeline = group->timeline;
    const std::uint64_t first = history.end();
    const std::uint64_t skipped = taken(first, ended);
    const bool unread = suspended && (skipped > 0 || !history.is_partial(first));
    std::optional<double> reading;
    if (skipped == ended || unread) {
        if (cell.peek() && !std::exchange(carries, true)) {
            ++stats.carried;
        }
    } else {
        reading = take_reading();
        carries = false;
        if (reading) {
            held = *reading;
            held_at = timeline.timestamp(first + skipped);
        }
    }
    const std::uint64_t over = make_room(ended);
    if (reading && over > skipped) {
        ++stats.buckets_lost;
    }
    for (std::uint64_t i = over; i < ended; ++i) {
        std::uint64_t bits = History::absent;
        if (i == skipped && reading) {
            bits = bits_of(*reading);
        } else if (i >= skipped && !suspended && may_repeat(timeline.timestamp(first + i))) {
            bits = bits_of(held);
        }
        push(bits);
    }
}

std::optional<std::uint64_t> StockState::cut() {
    const WallTime open = group->timeline.open();
    if (open <= floor || (suspended && !history.is_partial(history.end()))) {
        return std::nullopt;
    }
    const std::optional<double> reading = take_reading();
    if (!reading) {
        return std::nullopt;
    }
    held = *reading;
    held_at = open;
    floor = open;
    last_timestamp = open;
    return bits_of(*reading);
}

void StockState::rebase() {
    static_cast<void>(cell.harvest());
    carries = false;
    held_at.reset();
}

bool StockState::may_repeat(WallTime timestamp) const {
    return hold_at_most > hold_at_most.zero() && held_at && timestamp - *held_at <= hold_at_most;
}

void StockState::repeat_held(std::uint64_t from) {
    for (std::uint64_t sequence = from; sequence != history.end(); ++sequence) {
        if (may_repeat(group->timeline.timestamp(sequence)) && history[sequence] != History::absent) {
            history[sequence] = bits_of(held);
        }
    }
}

bool StockState::amend(WallTime timestamp, double reading) {
    if (timestamp < group->amend_from) {
        cell.fold(reading);
        return true;
    }
    if (timestamp <= floor) {
        return false;
    }
    const Timeline& timeline = group->timeline;
    for (std::uint64_t sequence = history.end(); sequence > history.cursor(); --sequence) {
        const WallTime start = timeline.timestamp(sequence - 1);
        if (start < timestamp) {
            return false;
        }
        if (start > timestamp) {
            continue;
        }
        std::uint64_t& bits = history[sequence - 1];
        const bool repeated = hold_at_most > hold_at_most.zero() && (!held_at || *held_at < timestamp);
        if (bits != History::absent && !repeated && cell.fold_kind() != Fold::last) {
            const auto there = std::bit_cast<double>(bits);
            switch (cell.fold_kind()) {
            case Fold::max: reading = std::max(there, reading); break;
            case Fold::min: reading = std::min(there, reading); break;
            case Fold::mean: return false; // the number of its readings is not known any more
            case Fold::last: break;
            }
        }
        bits = bits_of(reading);
        last_timestamp = std::max(last_timestamp, timestamp);
        if (!held_at || *held_at <= timestamp) {
            held = reading;
            held_at = timestamp;
            repeat_held(sequence);
        }
        return true;
    }
    return false;
}

} // namespace tickertape::counter
