// SPDX-License-Identifier: MIT
/// \file
/// The text of a time in seconds.
#pragma once

#include <chrono>
#include <cstddef>

namespace tickertape::point {

/// The most characters that `write_seconds` needs.
inline constexpr std::size_t max_seconds_text = 21;

/// Writes the exact `time` in seconds at `out`, and returns the end of the text. The text has as many decimals as the time needs:
/// none, three, six or nine; `with_decimals` at least three.
char* write_seconds(std::chrono::nanoseconds time, bool with_decimals, char* out) noexcept;

} // namespace tickertape::point
