// SPDX-License-Identifier: MIT
/// \file
/// run_once: one run of a collector that reports Readings, in a test.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <tickertape/readings.hpp>

namespace tickertape::testkit {

/// The result of one run.
struct RunResult {
    std::vector<Point> points = {}; ///< in the order of the calls
    std::string lines = {};         ///< of these, as `testkit::lines` writes them
    Readings::Stats stats = {};     ///< counts of accepted and refused readings, by reason
};

/// The due time of `run_once`: the time at which a ManualClock starts.
inline constexpr WallTime default_due{std::chrono::seconds{1'700'000'000}};

/// Calls `f` once, as Collector does at `due`, without waiting, deduplication or host tag. To test a function that reports
/// differences, call this twice; the function keeps its own state. An exception from `f` passes through.
[[nodiscard]] RunResult run_once(const std::function<void(Readings&)>& f, WallTime due = default_due,
                                 const Readings::Options& options = {.step = std::chrono::seconds{1}});

} // namespace tickertape::testkit
