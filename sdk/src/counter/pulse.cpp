// SPDX-License-Identifier: MIT
// Ticks: of the groups of one clock, and what counters that are gone leave behind for those that take their names.
#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "counter/cells.hpp"
#include "counter/distribution_state.hpp"
#include "counter/registry.hpp"

namespace tickertape::counter {

using namespace std::chrono_literals;

bool Group::tick(const ClockReading& now, ClockStats& stats) {
    const Timeline::Tick tick = timeline.tick(now);
    if (tick.reanchored || now.wall < timeline.open()) {
        amend_from = timeline.open();
    }
    if (tick.ended > 0) {
        ++stats.ticks;
        stats.ticks_missed += tick.ended - 1;
        stats.tick_lateness_last = tick.lateness;
        stats.tick_lateness_max = std::max(stats.tick_lateness_max, tick.lateness);
        const std::uint64_t first = timeline.sequence() - tick.ended;
        const EndedBucket one{timeline.label(first), timeline.state(first) == BucketState::partial};
        std::array<std::uint64_t, Chunk::size> totals; // NOLINT(*-member-init): filled below as far as it is used
        for (const auto& chunk : chunks) {
            const std::span<std::uint64_t> used{totals.data(), chunk->high};
            std::fill(used.begin(), used.end(), 0);
            sum_cells(chunk->first_id, used);
            for (std::size_t i = 0; i < used.size(); ++i) {
                fetch_ahead(chunk->slots, i);
                if (RateState* const rate = chunk->slots[i]) {
                    const std::uint64_t total = rate->base + rate->spill.load(std::memory_order_relaxed) + used[i];
                    if (tick.ended > 1 || !rate->close_one(one, total)) {
                        rate->close(tick.ended, total);
                    }
                }
            }
        }
        for (StockState* const stock : stocks) {
            stock->close(tick.ended);
        }
        for (DistributionState* const distribution : distributions) {
            distribution->close(tick.ended);
        }
        open.store(timeline.open().time_since_epoch().count(), std::memory_order_release);
    }
    if (tick.reanchored) {
        const auto start_anew = [this](CounterState& state) {
            state.floor = std::min(state.floor, timeline.open() - timeline.granularity());
            state.last_label = WallTime::min();
        };
        for (const auto& chunk : chunks) {
            for (RateState* const rate : chunk->slots) {
                if (rate != nullptr) {
                    start_anew(*rate);
                }
            }
        }
        for (StockState* const stock : stocks) {
            start_anew(*stock);
            stock->held_at.reset();
        }
        for (DistributionState* const distribution : distributions) {
            start_anew(*distribution);
        }
    }
    return tick.reanchored;
}

std::shared_ptr<Pulse> pulse_of(Clock& clock) {
    const auto make = [](Clock& its) -> std::shared_ptr<clock::Alarm> { return std::make_shared<Pulse>(its); };
    return std::static_pointer_cast<Pulse>(clock.pulse(make));
}

ClockStats Pulse::stats() const {
    const std::lock_guard lock{Registry::instance().mutex};
    return stats_;
}

SteadyTime Pulse::due() const {
    const std::lock_guard lock{Registry::instance().mutex};
    SteadyTime due = clock::never;
    for (const auto& [granularity, group] : groups_) {
        due = std::min(due, group->timeline.due());
    }
    return due;
}

void Pulse::ring(const ClockReading& now) {
    Registry& registry = Registry::instance();
    const std::lock_guard lock{registry.mutex};
    tick(now, false);
    registry.fold_idle_blocks();
    keep_spare_blocks();
}

void Pulse::tick(const ClockReading& now, bool all) {
    if (last_ && now.steady < last_->steady) {
        return;
    }
    const std::chrono::nanoseconds stepped = last_ ? (now.wall - last_->wall) - (now.steady - last_->steady) : 0ns;
    if (std::chrono::abs(stepped) >= 100ms) {
        ++stats_.clock_steps;
        all = true;
    }
    last_ = now;
    bool reanchored = false;
    for (const auto& [granularity, group] : groups_) {
        if (all || group->timeline.due() <= now.steady) {
            reanchored |= group->tick(now, stats_);
        }
    }
    if (newest_gone_ > now.wall && std::max(-stepped, newest_gone_ - now.wall) > longest_hold) {
        reanchored = true;
    }
    if (reanchored) {
        ++stats_.reanchored;
        newest_gone_ = WallTime::min();
        taken_.clear();
    }
}

Group& Pulse::group(std::chrono::nanoseconds granularity, const ClockReading& now) {
    std::unique_ptr<Group>& group = groups_[granularity];
    if (!group) {
        group = std::make_unique<Group>(*this, granularity, now);
    }
    return *group;
}

void Pulse::drop(Group& group) { groups_.erase(group.timeline.granularity()); }

void Pulse::note_gone(const CounterState& state, WallTime now) {
    newest_gone_ = std::max(newest_gone_, state.last_label);
    const std::chrono::nanoseconds granularity = state.group->timeline.granularity();
    const WallTime label = std::max(state.last_label, state.floor); // what an earlier one has taken stays taken
    if (label < bucket_start(now, granularity)) {
        return;
    }
    if (taken_.size() >= purge_at_) {
        std::erase_if(taken_, [now](const auto& taken) { return taken.second.until <= now; });
        purge_at_ = std::max<std::size_t>(64, 2 * taken_.size());
    }
    taken_.insert_or_assign(std::string{state.series.text()}, TakenLabel{label, label + granularity});
}

WallTime Pulse::taken_by_the_gone(std::string_view series, WallTime now) {
    WallTime taken = newest_gone_ > now ? newest_gone_ : WallTime::min();
    if (taken_.empty()) {
        return taken;
    }
    if (const auto found = taken_.find(std::string{series}); found != taken_.end()) {
        taken = std::max(taken, found->second.label);
        taken_.erase(found);
    }
    return taken;
}

} // namespace tickertape::counter
