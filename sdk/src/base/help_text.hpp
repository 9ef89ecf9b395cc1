// SPDX-License-Identifier: MIT
/// \file
/// The layout of --help, the same for collectors and the command. scripts/manual makes man pages and completion from that text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tickertape::base {

constexpr std::size_t help_width = 80; ///< columns of a line, at most

/// Appends `  TERM    TEXT` and a newline. All texts begin in one column; a long one is wrapped there, and a long term has a
/// line to itself.
void append_help_entry(std::string& help, std::string_view term, std::string_view text);

/// The end of a flag's text: ` [VALUE]`, or nothing if the value is empty.
[[nodiscard]] std::string help_default(std::string_view value);

} // namespace tickertape::base
