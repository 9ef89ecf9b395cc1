// SPDX-License-Identifier: MIT
/// \file
/// The bars of sparklines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/terminal/terminal.hpp"

namespace tickertape::cli::terminal {

/// Returns the place of a value between `low` (0) and `high` (1); 0 if `high` is not above `low`.
[[nodiscard]] double bar_height(double value, double low, double high) noexcept;

/// Returns the step, from 0 to `steps` - 1, for a part from 0 to 1. A part below 0, or nan, gives 0; a part above 1 gives the
/// last step.
[[nodiscard]] std::size_t step_of(double part, std::size_t steps) noexcept;

/// Returns a character whose height shows the place of `value` between `low` and `high`.
[[nodiscard]] std::string_view bar(double value, double low, double high, const Style& style);

/// Returns a character with two bars, `left` and `right`: dots in two columns of four. In ASCII it is the bar of `left`, or `^`
/// if `right` is well above it.
[[nodiscard]] std::string two_bars(double left, double right, double low, double high, const Style& style);

/// Returns the value at which the bars for values from `smallest` to `high` begin: 0, or `smallest` if that is negative or above
/// half of `high`.
[[nodiscard]] double bars_begin(double smallest, double high) noexcept;

} // namespace tickertape::cli::terminal
