// SPDX-License-Identifier: MIT
/// \file
/// Durations on a command line.
#pragma once

#include <chrono>
#include <string_view>

namespace tickertape::cli {

/// Parses as base::parse_duration does. Throws UsageError that names the flag for any other text.
[[nodiscard]] std::chrono::milliseconds duration_of(std::string_view flag, std::string_view text);

} // namespace tickertape::cli
