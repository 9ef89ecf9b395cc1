// SPDX-License-Identifier: MIT
/// \file
/// Ticks: the marks of an axis, at round values.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include <tickertape/time.hpp>

namespace tickertape::cli::page {

struct Tick {
    double place = 0; ///< 0 at the start of the axis, 1 at its end
    std::string label{};
};

/// Returns a few round times in UTC: whole minutes, seconds, 100 ms, … Days have their date.
[[nodiscard]] std::vector<Tick> time_ticks(WallTime begin, std::chrono::nanoseconds span);

/// Returns ticks from `low` to `high`, at 1, 2 or 5 times a power of ten.
[[nodiscard]] std::vector<Tick> value_ticks(double low, double high, std::size_t most);

/// Returns ticks from `low` to `high`, both above 0, on a logarithmic axis: powers of ten, or rounder values if these are few.
[[nodiscard]] std::vector<Tick> logarithmic_ticks(double low, double high, std::size_t most);

} // namespace tickertape::cli::page
