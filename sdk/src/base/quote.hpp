// SPDX-License-Identifier: MIT
/// \file
/// Quotes bad input for messages.
#pragma once

#include <string>
#include <string_view>

namespace tickertape::base {

/// Returns `text` in single quotes, on one line of printable ASCII. Other bytes become `\n`, `\t`, `\r`, `\\`, `\'` or `\x1f`.
/// A long text is cut, and its length is added. Allocates.
[[nodiscard]] std::string quote(std::string_view text);

} // namespace tickertape::base
