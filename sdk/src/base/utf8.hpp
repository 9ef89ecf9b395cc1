// SPDX-License-Identifier: MIT
/// \file
/// UTF-8 as of RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace tickertape::base {

/// Bytes of the character that `text` begins with; 0 if it begins with none, 1 if it is empty.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

} // namespace tickertape::base
