// SPDX-License-Identifier: MIT
/// \file
/// lines: points as text, for comparisons.
#pragma once

#include <span>
#include <string>

#include <tickertape/counter.hpp>
#include <tickertape/point.hpp>

namespace tickertape::testkit {

/// A line for each point as tcollector would get it, without `put ` and without a host tag of the output's:
/// `proc.load 1700000001 0.25\n`. A point without a line becomes `metric: reason\n`.
[[nodiscard]] std::string lines(std::span<const Point> points);

/// Dumps the counter: the lines of the complete buckets that have not been dumped yet.
[[nodiscard]] std::string lines(CounterBase& counter);

} // namespace tickertape::testkit
