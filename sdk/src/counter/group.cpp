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

/// The last one takes its place.
template <class State>
void remove(std::vector<State*>& all, const State& state) {
    all.back()->place = state.place;
    std::swap(all[state.place], all.back());
    all.pop_back();
}

} // namespace

void Group::enter(RateState& state) {
    // As a rule it is the newest chunk that has room.
    const auto chunk =
        std::find_if(chunks.rbegin(), chunks.rend(), [](const auto& each) { return each->used < Chunk::size; });
    RateIds& ids = RateIds::instance();
    if (chunk == chunks.rend()) {
        ids.enter(state, *chunks.emplace_back(ids.take()));
    } else {
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

void Group::close(std::uint64_t ended) {
    const std::uint64_t first = timeline.sequence() - ended;
    const EndedBucket one{timeline.timestamp(first), timeline.state(first) == BucketState::partial};
    std::array<std::uint64_t, Chunk::size> totals; // NOLINT(*-member-init): filled below as far as it is used
    for (const auto& chunk : chunks) {
        const std::span<std::uint64_t> used{totals.data(), chunk->high};
        std::fill(used.begin(), used.end(), 0);
        sum_cells(chunk->first_id, used);
        for (std::size_t i = 0; i < used.size(); ++i) {
            fetch_ahead(
                chunk->slots, i, [](const RateState& far) { far.fetch(); },
                [](const RateState& near) { near.history.fetch_end(); });
            if (RateState* const rate = chunk->slots[i]) {
                const std::uint64_t total = rate->spill.load(std::memory_order_relaxed) + used[i];
                if (ended > 1 || !rate->close_one(one, total)) {
                    rate->close(ended, total);
                }
            }
        }
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
        for_each([](CounterState& state) { state.start_anew(); });
        for (StockState* const stock : stocks) {
            stock->held_at.reset();
        }
    }
    return tick.reanchored;
}

} // namespace tickertape::counter
