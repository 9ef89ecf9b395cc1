// SPDX-License-Identifier: MIT
/// \file
/// The text of a time in seconds.
#pragma once

#include <chrono>
#include <cstddef>

namespace tickertape::point {

/// The most characters that `write_seconds` needs.
inline constexpr std::size_t max_seconds_text = 21;

/// Writes `time` in seconds at `out`, exactly, and returns the end of the text. It has three, six or nine decimals if the time needs
/// them, and three at least if `with_decimals`.
char* write_seconds(std::chrono::nanoseconds time, bool with_decimals, char* out) noexcept;

} // namespace tickertape::point
