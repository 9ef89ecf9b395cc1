// SPDX-License-Identifier: MIT
/// \file
/// The bars of sparklines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cli/terminal/terminal.hpp"

namespace tickertape::cli::terminal {

/// How far up from `low` to `high` a value lies, 0 to 1; 0 where that is no way.
[[nodiscard]] double bar_height(double value, double low, double high) noexcept;

/// The step, 0 to `steps` - 1, that the share `part` (0 to 1) falls on. Always one of these: 0 for what is below 0 or no
/// number, the last one for what is above 1.
[[nodiscard]] std::size_t step_of(double part, std::size_t steps) noexcept;

/// A character whose height is where `value` lies between `low` and `high`.
[[nodiscard]] std::string_view bar(double value, double low, double high, const Style& style);

/// A character with two bars, `left` and `right`: dots in two columns of four. In ASCII the bar of `left`, or `^` where `right` is well above it.
[[nodiscard]] std::string two_bars(double left, double right, double low, double high, const Style& style);

/// Where bars of values from `smallest` to `high` begin: at 0, but levels that are far from it are shown from the smallest
/// on.
[[nodiscard]] double bars_begin(double smallest, double high) noexcept;

} // namespace tickertape::cli::terminal
