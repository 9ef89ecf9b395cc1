// SPDX-License-Identifier: MIT
/// \file
/// All that a real server has stored, and what lines mean to whoever wrote them, in one form of text, so that they can
/// be compared.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/real_servers.hpp"

namespace test {

/// `metric{key=value,…} microseconds value` of each point whose metric begins with `prefix`, sorted. A point of which
/// the server's answer cannot be read is its answer.
[[nodiscard]] std::vector<std::string> stored_text(const RealVictoriaMetrics& server, std::string_view prefix);
[[nodiscard]] std::vector<std::string> stored_text(const RealInfluxDb& server, std::string_view prefix);

/// The same of put lines, each point once, as their writer means them: words between any white space, a stamp of
/// seconds with or without a fraction, or of 13 digits of milliseconds, a value that strtod reads.
[[nodiscard]] std::vector<std::string> meant_text(std::string_view lines);

} // namespace test
