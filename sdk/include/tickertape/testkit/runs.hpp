// SPDX-License-Identifier: MIT
/// \file
/// run_times: the runs of a collector, in a test.
#pragma once

#include <chrono>
#include <functional>

#include <tickertape/testkit/manual_clock.hpp>

namespace tickertape::testkit {

/// Lets `f` run `times` times, once per period, on the schedule of run_every_n_seconds: at the next multiples of the period.
/// `set` goes into the bucket of the run. Afterwards the clock has the time of the last run; `advance` it by the granularity to
/// end the last bucket. An exception from `f` passes through. Throws UsageError when `period` is not at least 1 ms.
void run_times(ManualClock& clock, std::chrono::milliseconds period, int times, const std::function<void()>& f);

} // namespace tickertape::testkit
