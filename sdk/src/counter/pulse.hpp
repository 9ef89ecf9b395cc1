// SPDX-License-Identifier: MIT
/// \file
/// Pulse: the ticks of one clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <tickertape/clock.hpp>

#include "base/forks.hpp"
#include "clock/alarm.hpp"
#include "counter/counter_state.hpp"
#include "counter/group.hpp"

namespace tickertape::counter {

/// Ticks the groups of one clock.
class Pulse final : public clock::Alarm {
public:
    explicit Pulse(Clock& clock) : clock_{clock} {}

    [[nodiscard]] SteadyTime due() const override;
    void ring(const Clock::Reading& now) override;
    [[nodiscard]] bool is_pulse() const noexcept override { return true; }
    [[nodiscard]] const char* thread_name() const noexcept override { return "tt-pulse"; }
    [[nodiscard]] Clock::Stats stats() const override;

    /// Ticks the groups that are due. If `all`, and after a step of wall time, ticks and settles every group. Ignores a reading that is
    /// older than that of the last tick: another thread was faster. Under the registry's mutex.
    void tick(const Clock::Reading& now, bool all);
    /// Settles every group. Under the registry's mutex.
    void settle();
    /// Ticks for a counter that is about to be made, unless it can be made within the open bucket. Returns the time, which is coarse on
    /// the system's clock, if that is enough. Under the registry's mutex.
    Clock::Reading tick_before_birth(std::chrono::nanoseconds granularity);
    /// Returns whether a reading that may be old by a timer tick is within the open bucket of a group for certain: the bucket does not
    /// end soon, and the clock has not stepped since the last tick. Under the registry's mutex.
    [[nodiscard]] bool is_within_bucket(std::chrono::nanoseconds granularity, const Clock::Reading& coarse) const;
    [[nodiscard]] Clock& clock() const noexcept { return clock_; }
    [[nodiscard]] Group& group(std::chrono::nanoseconds granularity, const Clock::Reading& now);
    void drop(Group& group);
    /// Counts a run of run_every_n_seconds, and those that it missed. Under the registry's mutex.
    void note_run(std::uint64_t missed) noexcept {
        ++stats_.runs;
        stats_.runs_missed += missed;
    }
    /// Remembers up to which timestamp the series of a counter that retires has points.
    void note_retired(const CounterState& state, WallTime now);
    /// The timestamp up to which a new counter of this series must not write.
    [[nodiscard]] WallTime taken_by_retired(std::string_view series, WallTime now);

    /// Returns whether the caller has to attach it to its clock: once in each process. Under the registry's mutex.
    [[nodiscard]] bool take_attaching() noexcept {
        const bool is_attached = attached_in_ && !attached_in_->is_child();
        attached_in_.emplace();
        return !is_attached;
    }
    /// Forgets the counts of the parent, in the child of a fork. Under the registry's mutex.
    void forget_stats() noexcept { stats_ = {}; }

private:
    std::optional<base::Forks> attached_in_; // under the registry's mutex
    Clock& clock_;
    std::map<std::chrono::nanoseconds, std::unique_ptr<Group>> groups_;
    Clock::Stats stats_;                 // under the registry's mutex
    std::optional<Clock::Reading> last_; // the reading of the last tick
    // Of retired counters: the newest timestamp, in case wall time is set back to
    // before it; and, by series, the timestamps of buckets that have not ended yet.
    WallTime newest_retired_ = WallTime::min();
    struct TakenTimestamp {
        WallTime timestamp;
        WallTime until;
    };
    std::unordered_map<std::string, TakenTimestamp> taken_;
    std::size_t purge_at_ = 64;
};

/// The pulse of a clock, made when it is first asked for.
[[nodiscard]] std::shared_ptr<Pulse> pulse_of(Clock& clock);

} // namespace tickertape::counter
