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

/// What a run has reported.
struct RunResult {
    std::vector<Point> points = {}; ///< in the order of the calls
    std::string lines = {};         ///< of these, as `testkit::lines` writes them
    Readings::Stats stats = {};     ///< how many readings were accepted, and what was refused, and why
};

/// When `run_once` is due: where a ManualClock begins.
inline constexpr WallTime default_due{std::chrono::seconds{1'700'000'000}};

/// Calls `f` once, as Collector does at `due`; nothing is waited for, deduplicated or given a host tag. A tick that reports
/// differences is run twice: what it keeps in between is its own. An exception from `f` passes through.
[[nodiscard]] RunResult run_once(const std::function<void(Readings&)>& f, WallTime due = default_due,
                                 const Readings::Options& options = {.step = std::chrono::seconds{1}});

} // namespace tickertape::testkit
