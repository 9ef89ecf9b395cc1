// SPDX-License-Identifier: MIT
/// \file
/// SampledTick: samples that are taken more often than they are reported.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "collector/readings_tick.hpp"

namespace tickertape::collector {

/// Calls `sample` in each run of the schedule, and `report` at the end of a period: after `sample` in the run of that time, or,
/// if that run was missed, before `sample` in the next run. So a report covers exactly its period, and has its time. The first
/// sample is taken at the start of a period, so no period is incomplete.
///
/// Thread safety: one thread at a time.
class SampledTick {
public:
    /// All of them are borrowed.
    SampledTick(std::chrono::milliseconds period, const std::function<void()>& sample, ReadingsTick& report)
        : period_{period}, sample_{sample}, report_{report} {}

    /// One run, called by run_every_n_seconds. Exceptions of `sample` pass through.
    void operator()();
    /// Takes a sample at the time `due` without a run: one before the only run of --once.
    void rehearse(WallTime due);

private:
    /// Returns the first multiple of the period that is not before `due`.
    [[nodiscard]] WallTime end_of_period(WallTime due) const;

    std::chrono::milliseconds period_;
    const std::function<void()>& sample_;
    ReadingsTick& report_;
    std::optional<WallTime> end_; // the end of the present period; nothing before the first one
};

} // namespace tickertape::collector
