// SPDX-License-Identifier: MIT
/// \file
/// The values of a collector's own flags.
#pragma once

#include <chrono>
#include <string>

namespace tickertape {

/// Reads `5`, `0.5`, `250ms`, `5s`, `10m`, `1h` or `1d`, from 1 ms to a year. Throws UsageError for other text, so it
/// also serves as a flag's `check`.
[[nodiscard]] std::chrono::milliseconds positive_duration(const std::string& text);

} // namespace tickertape
