// SPDX-License-Identifier: MIT
#include "counter/group.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "counter/cells.hpp"
#include "counter/distribution_state.hpp"
#include "counter/rate_state.hpp"
#include "counter/stock_state.hpp"

namespace tickertape::counter {

namespace {

template <class State>
void append(std::vector<State*>& all, State& state) {
    state.place = static_cast<std::uint32_t>(all.size());
    all.push_back(&state);
}

/// Removes a state; the last one takes its place.
template <class State>
void remove(std::vector<State*>& all, const State& state) {
    all.back()->place = state.place;
    std::swap(all[state.place], all.back());
    all.pop_back();
}

} // namespace

void Group::enter(RateState& state) {
    // The newest chunk is usually the one that has room.
    const auto chunk =
        std::find_if(chunks.rbegin(), chunks.rend(), [](const auto& each) { return each->used < Chunk::size; });
    RateIds& ids = RateIds::instance();
    if (chunk == chunks.rend()) {
        if (chunks.size() == chunks.capacity()) {
            chunks.reserve(2 * chunks.size() + 1); // before `take`, so that no ids are lost if there is no memory
        }
        // Rings of fine buckets are large: each has its own pages, so visits cost much time, and more rows save visits.
        const bool is_fine = timeline.granularity() < std::chrono::seconds{1};
        const std::uint32_t most_rows = is_fine ? Chunk::fine_rows : Chunk::usual_rows;
        ids.enter(state, *chunks.emplace_back(ids.take(most_rows)));
    } else {
        settle(**chunk); // its rows know nothing of the new rate
        ids.enter(state, **chunk);
    }
}

void Group::leave(const RateState& state) {
    const auto chunk =
        std::find_if(chunks.begin(), chunks.end(), [&state](const auto& each) { return each->has(state.id); });
    RateIds& ids = RateIds::instance();
    ids.leave(state, **chunk);
    if ((*chunk)->used == 0) {
        ids.give_back(**chunk);
        chunks.erase(chunk);
    }
}

void Group::enter(StockState& state) { append(stocks, state); }
void Group::leave(const StockState& state) { remove(stocks, state); }
void Group::enter(DistributionState& state) { append(distributions, state); }
void Group::leave(const DistributionState& state) { remove(distributions, state); }

template <class F>
void Group::for_each(const F& f) {
    for (const auto& chunk : chunks) {
        for (RateState* const rate : chunk->slots) {
            if (rate != nullptr) {
                f(*rate);
            }
        }
    }
    for (StockState* const stock : stocks) {
        f(*stock);
    }
    for (DistributionState* const distribution : distributions) {
        f(*distribution);
    }
}

void Group::settle() {
    if (std::exchange(has_rows_, false)) {
        for (const auto& chunk : chunks) {
            settle(*chunk);
        }
    }
}

void Group::settle(Chunk& chunk) const {
    const std::uint32_t rows = std::exchange(chunk.rows, 0);
    if (rows == 0) {
        return;
    }
    std::array<EndedBucket, Chunk::fine_rows> buckets; // NOLINT(*-member-init): filled as far as it is used
    for (std::uint32_t row = 0; row < rows; ++row) {
        const std::uint64_t bucket = chunk.first_bucket + row;
        buckets[row] = {timeline.timestamp(bucket), timeline.state(bucket) == BucketState::partial};
    }
    const std::span<RateState* const> slots{chunk.slots.data(), chunk.high};
    for (std::size_t i = 0; i < slots.size(); ++i) {
        fetch_ahead(
            slots, i, [](const RateState& far) { far.fetch(); },
            [](const RateState& near) { near.history.fetch_end(Chunk::usual_rows); });
        RateState* const rate = slots[i];
        for (std::uint32_t row = 0; rate != nullptr && row < rows; ++row) {
            const std::uint64_t total = chunk.row(row)[i];
            if (!rate->close_one(buckets[row], total)) {
                rate->close(1, total);
            }
        }
    }
}

void Group::close(Chunk& chunk, std::uint64_t ended) {
    const std::uint64_t first = timeline.sequence() - ended;
    if (ended > 1) {
        settle(chunk);
    }
    const std::span<std::uint64_t> totals{chunk.row(chunk.rows), chunk.high};
    std::transform(chunk.spills.begin(), chunk.spills.begin() + chunk.high, totals.begin(),
                   [](const auto& spill) { return spill.load(std::memory_order_relaxed); });
    sum_cells(chunk.first_id, totals);
    if (ended > 1) {
        for (std::size_t i = 0; i < totals.size(); ++i) {
            if (RateState* const rate = chunk.slots[i]) {
                rate->close(ended, totals[i]);
            }
        }
        return;
    }
    chunk.first_bucket = chunk.rows == 0 ? first : chunk.first_bucket;
    ++chunk.rows;
    has_rows_ = true;
    // The chunks take turns, so that no tick settles all of them.
    if ((first + chunk.first_id / Chunk::size) % chunk.most_rows == 0 || chunk.rows == chunk.most_rows) {
        settle(chunk);
    }
}

void Group::close(std::uint64_t ended) {
    for (const auto& chunk : chunks) {
        close(*chunk, ended);
    }
    for (StockState* const stock : stocks) {
        stock->close(ended);
    }
    for (DistributionState* const distribution : distributions) {
        distribution->close(ended);
    }
}

bool Group::tick(const Clock::Reading& now, Clock::Stats& stats) {
    const Timeline::Tick tick = timeline.tick(now);
    if (tick.reanchored || now.wall < timeline.open()) {
        amend_from = timeline.open();
    }
    if (tick.ended > 0) {
        ++stats.ticks;
        stats.ticks_missed += tick.ended - 1;
        stats.tick_lateness_last = tick.lateness;
        stats.tick_lateness_max = std::max(stats.tick_lateness_max, tick.lateness);
        close(tick.ended);
        open.store(timeline.open().time_since_epoch().count(), std::memory_order_release);
    }
    if (tick.reanchored) {
        settle();
        for_each([](CounterState& state) { state.start_anew(); });
        for (StockState* const stock : stocks) {
            stock->held_at.reset();
        }
    }
    return tick.reanchored;
}

} // namespace tickertape::counter
