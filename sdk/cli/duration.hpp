// SPDX-License-Identifier: MIT
/// \file
/// Lengths of time on a command line.
#pragma once

#include <chrono>
#include <string_view>

namespace tickertape::cli {

/// As base::parse_duration; throws UsageError that names the flag for other text.
[[nodiscard]] std::chrono::milliseconds duration_of(std::string_view flag, std::string_view text);

} // namespace tickertape::cli
