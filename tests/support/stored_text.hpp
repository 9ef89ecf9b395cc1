// SPDX-License-Identifier: MIT
/// \file
/// The points that a real server has stored, and the meaning of put lines, as texts of the same form, for comparison.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/real_servers.hpp"

namespace test {

/// Returns `metric{key=value,…} microseconds value` of each point whose metric begins with `prefix`, sorted. If the server's
/// answer cannot be parsed, returns the answer.
[[nodiscard]] std::vector<std::string> stored_text(const RealVictoriaMetrics& server, std::string_view prefix);
[[nodiscard]] std::vector<std::string> stored_text(const RealInfluxDb& server, std::string_view prefix);

/// Returns the same for put lines, each point once, with the meaning that their writer intends: words are separated by any white
/// space, a timestamp has seconds with or without a fraction, or 13 digits of milliseconds, and strtod reads the value.
[[nodiscard]] std::vector<std::string> meant_text(std::string_view lines);

} // namespace test
