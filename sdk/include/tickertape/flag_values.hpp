// SPDX-License-Identifier: MIT
/// \file
/// The values of a collector's own flags.
#pragma once

#include <chrono>
#include <string>

namespace tickertape {

/// `5`, `0.5`, `250ms`, `5s`, `10m`, `1h` or `1d`, from 1 ms to a year. Throws UsageError for anything else: for a flag's
/// `check`, too.
[[nodiscard]] std::chrono::milliseconds positive_duration(const std::string& text);

} // namespace tickertape
