// SPDX-License-Identifier: MIT
/// \file
/// append: writes text into the buffer of a formatter.
#pragma once

#include <string_view>

namespace tickertape::point {

/// Writes `text` at `out`, and returns the end of it.
inline char* append(char* out, std::string_view text) noexcept { return out + text.copy(out, text.size()); }

} // namespace tickertape::point
