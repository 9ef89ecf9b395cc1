// SPDX-License-Identifier: MIT
/// \file
/// Lengths of time on a command line.
#pragma once

#include <chrono>
#include <string_view>

namespace tickertape::cli {

/// `10m`, `300`, `100ms`: a number, of seconds unless a unit is named, from a millisecond up, or 0. Throws UsageError
/// that names the flag for other text.
[[nodiscard]] std::chrono::milliseconds duration_of(std::string_view flag, std::string_view text);

} // namespace tickertape::cli
