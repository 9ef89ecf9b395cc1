// SPDX-License-Identifier: MIT
/// \file
/// Quoting of bad input in error sentences.
#pragma once

#include <string>
#include <string_view>

namespace tickertape::base {

/// `text` in single quotes, on one line of printable ASCII: other bytes as `\n`, `\t`, `\r`, `\\`, `\'` or `\x1f`, and of
/// a text that is long only its beginning, with its length. Allocates.
[[nodiscard]] std::string quote(std::string_view text);

} // namespace tickertape::base
