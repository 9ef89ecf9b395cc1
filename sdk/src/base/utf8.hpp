// SPDX-License-Identifier: MIT
/// \file
/// UTF-8 as of RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace tickertape::base {

/// Returns the number of bytes of the first character of `text`; 0 if the bytes are not a character, 1 if `text` is empty.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

} // namespace tickertape::base
