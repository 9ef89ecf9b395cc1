// SPDX-License-Identifier: MIT
// Ticks of the groups of one clock, and the timestamps that retired counters have used.
#include "counter/pulse.hpp"

#include <algorithm>

#include "clock/alarm_threads.hpp"
#include "counter/cells.hpp"
#include "counter/registry.hpp"

namespace tickertape::counter {

using namespace std::chrono_literals;

std::shared_ptr<Pulse> pulse_of(Clock& clock) {
    const auto make = [](Clock& its) -> std::shared_ptr<clock::Alarm> { return std::make_shared<Pulse>(its); };
    return std::static_pointer_cast<Pulse>(clock.pulse(make));
}

Clock::Stats Pulse::stats() const {
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

void Pulse::ring(const Clock::Reading& now) {
    Registry& registry = Registry::instance();
    const std::lock_guard lock{registry.mutex};
    tick(now, false);
    registry.fold_idle_blocks();
    keep_spare_blocks();
}

void Pulse::settle() {
    for (const auto& [granularity, group] : groups_) {
        group->settle();
    }
}

void Pulse::tick(const Clock::Reading& now, bool all) {
    if (last_ && now.steady < last_->steady) {
        if (all) {
            settle();
        }
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
    if (all) {
        settle();
    }
    if (newest_retired_ > now.wall && std::max(-stepped, newest_retired_ - now.wall) > longest_hold) {
        reanchored = true;
    }
    if (reanchored) {
        ++stats_.reanchored;
        newest_retired_ = WallTime::min();
        taken_.clear();
    }
}

bool Pulse::is_within_bucket(std::chrono::nanoseconds granularity, const Clock::Reading& coarse) const {
    constexpr std::chrono::nanoseconds longest_timer_tick = 10ms; // a kernel has at least 100 a second
    constexpr std::chrono::nanoseconds slewed = 1ms;              // less than this is no step for any timeline
    const auto found = groups_.find(granularity);
    if (found == groups_.end() || !last_) {
        return false;
    }
    const Timeline& timeline = found->second->timeline;
    return coarse.wall > timeline.open() && coarse.wall >= newest_retired_ &&
           coarse.steady + 2 * longest_timer_tick < timeline.due() &&
           std::chrono::abs((coarse.wall - last_->wall) - (coarse.steady - last_->steady)) < slewed;
}

Clock::Reading Pulse::tick_before_birth(std::chrono::nanoseconds granularity) {
    const bool is_system = &clock_ == &Clock::system();
    Clock::Reading now = is_system ? clock::read_coarse_system_clocks() : clock_.read();
    if (is_within_bucket(granularity, now)) {
        return now;
    }
    now = is_system ? clock_.read() : now;
    tick(now, true);
    return now;
}

Group& Pulse::group(std::chrono::nanoseconds granularity, const Clock::Reading& now) {
    std::unique_ptr<Group>& group = groups_[granularity];
    if (!group) {
        group = std::make_unique<Group>(*this, granularity, now);
    }
    return *group;
}

void Pulse::drop(Group& group) { groups_.erase(group.timeline.granularity()); }

void Pulse::note_retired(const CounterState& state, WallTime now) {
    newest_retired_ = std::max(newest_retired_, state.last_timestamp);
    const std::chrono::nanoseconds granularity = state.group->timeline.granularity();
    const WallTime timestamp = std::max(state.last_timestamp, state.floor); // also those of an earlier counter
    if (timestamp < bucket_start(now, granularity)) {
        return;
    }
    if (taken_.size() >= purge_at_) {
        std::erase_if(taken_, [now](const auto& taken) { return taken.second.until <= now; });
        purge_at_ = std::max<std::size_t>(64, 2 * taken_.size());
    }
    taken_.insert_or_assign(std::string{state.series.text()}, TakenTimestamp{timestamp, timestamp + granularity});
}

WallTime Pulse::taken_by_retired(std::string_view series, WallTime now) {
    WallTime taken = newest_retired_ > now ? newest_retired_ : WallTime::min();
    if (taken_.empty()) {
        return taken;
    }
    if (const auto found = taken_.find(std::string{series}); found != taken_.end()) {
        taken = std::max(taken, found->second.timestamp);
        taken_.erase(found);
    }
    return taken;
}

} // namespace tickertape::counter
