// SPDX-License-Identifier: MIT
/// \file
/// run_every_n_seconds: a drift-free schedule.
#pragma once

#include <chrono>
#include <functional>
#include <type_traits>
#include <utility>

#include <tickertape/clock.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/stop.hpp>

namespace tickertape {

struct RunOptions {
    /// A request to this Stop ends the loop. Null: `Stop::process()`.
    Stop* stop = nullptr;
    /// Null: the system's clock.
    Clock* clock = nullptr;
};
static_assert(std::is_aggregate_v<RunOptions>);

/// Calls `f` at every multiple of `period` since 1970, first at the next one, never early, until a stop is requested.
/// The due times are absolute, so that nothing drifts. When a run takes longer than the period, or the process is held up,
/// the due times that passed are skipped and counted (`Clock::Stats::runs_missed`); there are no catch-up runs.
///
/// `set` of a stock inside a run goes into the bucket of the run's due time. An exception from `f` passes through.
/// Blocks. Throws UsageError when `period` is not at least 1 ms.
Stop::Reason run_every_n_seconds(std::chrono::milliseconds period, const std::function<void()>& f,
                                 const RunOptions& options = {});

/// The same, on the clock of `counter`; sets `counter` to the result of `f`.
template <class F>
    requires std::convertible_to<std::invoke_result_t<F&>, double>
Stop::Reason run_every_n_seconds(std::chrono::milliseconds period, MetricCounter<stock>& counter, F f,
                                 Stop* stop = nullptr) {
    return run_every_n_seconds(period, [&] { counter.set(static_cast<double>(f())); },
                               {.stop = stop, .clock = &counter.clock()});
}

} // namespace tickertape
