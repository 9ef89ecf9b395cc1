// SPDX-License-Identifier: MIT
/// \file
/// The values of a collector's own flags.
#pragma once

#include <chrono>
#include <string>

namespace tickertape {

/// `2`, `0.5`, `5s` or `500ms` as a length of time above 0. Throws UsageError for anything else: for a flag's `check`, too.
[[nodiscard]] std::chrono::milliseconds positive_duration(const std::string& text);

} // namespace tickertape
