// SPDX-License-Identifier: MIT
/// \file
/// nearest: guesses the meant word for a mistyped one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tickertape::base {

/// Returns the one of `words` with the smallest distance to `typed`, counted in letters to insert, delete, replace or swap
/// (optimal string alignment). Returns an empty text if all differ in more than a third of `typed`.
[[nodiscard]] std::string nearest(std::string_view typed, const std::vector<std::string>& words);

} // namespace tickertape::base
