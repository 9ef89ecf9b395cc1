// SPDX-License-Identifier: MIT
/// \file
/// nearest: the known word that a mistyped word probably stands for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tickertape::base {

/// The one of `words` that `typed` differs least from, counted in letters to insert, to delete, to replace or to swap (optimal
/// string alignment); empty if all differ in more than a third of `typed`.
[[nodiscard]] std::string nearest(std::string_view typed, const std::vector<std::string>& words);

} // namespace tickertape::base
