// SPDX-License-Identifier: MIT
/// \file
/// SampledTick: looks that are taken more often than they are reported.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "collector/readings_tick.hpp"

namespace tickertape::collector {

/// Calls `sample` in each run of the schedule, and `report` when a period is over: in the run at its end, after
/// `sample`, else before the `sample` of the next run. So the report covers only that period, and has its time.
/// The first look is taken at the start of a period: no period is reported that was begun before.
///
/// Thread safety: one thread at a time.
class SampledTick {
public:
    /// All of them are borrowed.
    SampledTick(std::chrono::milliseconds period, const std::function<void()>& sample, ReadingsTick& report)
        : period_{period}, sample_{sample}, report_{report} {}

    /// One run, inside of run_every_n_seconds. Exceptions of `sample` pass through.
    void operator()();
    /// A look at the time `due`, without a run: those before the only run of --once.
    void rehearse(WallTime due);

private:
    /// The first multiple of the period that is not before `due`.
    [[nodiscard]] WallTime end_of_period(WallTime due) const;

    std::chrono::milliseconds period_;
    const std::function<void()>& sample_;
    ReadingsTick& report_;
    std::optional<WallTime> end_; // of the period under way; nothing before the first
};

} // namespace tickertape::collector
