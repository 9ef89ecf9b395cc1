// SPDX-License-Identifier: MIT
/// \file
/// The layout of --help, the same for collectors and the command. scripts/manual makes man pages and completion from that text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tickertape::base {

constexpr std::size_t help_width = 80; ///< the most columns of a line

/// Appends `  TERM    TEXT` and a newline. All texts begin in the same column. A long text is wrapped there; a long term gets a
/// line of its own.
void append_help_entry(std::string& help, std::string_view term, std::string_view text);

/// Returns the end of a flag's text: ` [VALUE]`, or nothing for an empty value.
[[nodiscard]] std::string help_default(std::string_view value);

} // namespace tickertape::base
