// SPDX-License-Identifier: MIT
// The tick of a rate.
#include "counter/rate_state.hpp"

#include <algorithm>
#include <atomic>

#include "base/pool.hpp"
#include "counter/cells.hpp"
#include "counter/group.hpp"

namespace tickertape::counter {

namespace {

constinit std::atomic<std::uint64_t> orphans{0}; // increments of threads without cells on counters not constructed yet

__extension__ using Int128 = __int128;

/// Splits `sum` over `of` buckets in whole numbers, as evenly as possible. Returns the sum of the first `shares` of them.
std::int64_t first_shares(std::int64_t sum, std::uint64_t shares, std::uint64_t of) noexcept {
    if (shares == of) {
        return sum;
    }
    return static_cast<std::int64_t>(static_cast<Int128>(sum) * static_cast<Int128>(shares) / static_cast<Int128>(of));
}

constinit base::Pool<cache_line> rates; // under the registry's mutex

} // namespace

void* RateState::operator new(std::size_t bytes) { return rates.take(bytes); }
void RateState::operator delete(void* state) noexcept { rates.give_back(state, sizeof(RateState)); }

void add_to_spill(RateState* counter, std::uint64_t n) noexcept {
    (counter != nullptr ? *counter->spill : orphans).fetch_add(n, std::memory_order_relaxed);
}

std::uint64_t spilled_orphans() noexcept { return orphans.load(std::memory_order_relaxed); }

void RateState::enter() {
    group->enter(*this);
    last = total(); // the cells keep the total of an earlier counter of this id
}

void RateState::leave() noexcept { group->leave(*this); }

std::uint64_t RateState::total() const noexcept {
    std::uint64_t sum = 0;
    sum_cells(id, {&sum, 1});
    return spill->load(std::memory_order_relaxed) + sum;
}

void RateState::lose(std::uint64_t bits) {
    ++stats.buckets_lost;
    stats.counts_lost += static_cast<std::int64_t>(bits);
}

void RateState::carry(std::uint64_t now) {
    stats.carried += static_cast<std::int64_t>(now - last - carried);
    carried = now - last;
    carries = true;
}

bool RateState::close_one(const EndedBucket& bucket, std::uint64_t now) {
    const std::uint64_t sum = now - last;
    if (suspended || carries || bucket.timestamp <= floor || sum == History::absent || history.should_grow()) {
        return false;
    }
    // If no event came in the observed part of a bucket, events may have come in the rest.
    const bool unknown = sum == 0 && (bucket.partial || history.is_partial(history.end()));
    if (!unknown) {
        last_timestamp = bucket.timestamp;
    }
    history.push(unknown ? History::absent : sum, [this](std::uint64_t lost) { lose(lost); });
    last = now;
    return true;
}

void RateState::close(std::uint64_t ended, std::uint64_t now) {
    const std::uint64_t first = history.end();
    const std::uint64_t skipped = taken(first, ended);
    // A suspended counter has a value only for the bucket in which it was suspended.
    const std::uint64_t writable = ended - skipped;
    const std::uint64_t filled = !suspended ? writable : skipped == 0 && history.is_partial(first) ? 1 : 0;
    const auto sum = static_cast<std::int64_t>(now - last);
    const std::uint64_t over = make_room(ended);
    if (filled == 0 || now - last == History::absent) {
        carry(now);
        for (std::uint64_t i = over; i < ended; ++i) {
            push(History::absent);
        }
        return;
    }
    if (skipped > 0) {
        carry(now);
    }
    if (filled > 1) {
        stats.smeared += filled;
    }
    if (over > skipped) {
        const std::uint64_t lost = std::min(over - skipped, filled);
        stats.buckets_lost += lost;
        stats.counts_lost += first_shares(sum, lost, filled);
    }
    for (std::uint64_t i = over; i < ended; ++i) {
        if (i < skipped || i >= skipped + filled) {
            push(History::absent);
            continue;
        }
        const std::uint64_t share = i - skipped;
        const std::int64_t count = first_shares(sum, share + 1, filled) - first_shares(sum, share, filled);
        // If no event came in the observed part of a bucket, events may have come in the rest.
        const bool unknown = count == 0 && bucket_state(history.end()) == BucketState::partial;
        push(unknown ? History::absent : static_cast<std::uint64_t>(count));
    }
    empty_at(now);
}

std::optional<std::uint64_t> RateState::cut() {
    const std::uint64_t now = total();
    const std::uint64_t sum = now - last;
    const WallTime open = group->timeline.open();
    if (sum == 0 || sum == History::absent || open <= floor || (suspended && !history.is_partial(history.end()))) {
        return std::nullopt;
    }
    empty_at(now);
    floor = open;
    last_timestamp = open;
    return sum;
}

void RateState::rebase() {
    const std::uint64_t now = total();
    stats.counts_cleared += static_cast<std::int64_t>(now - last);
    empty_at(now);
}

} // namespace tickertape::counter
