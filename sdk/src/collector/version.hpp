// SPDX-License-Identifier: MIT
/// \file
/// The version of this build.
#pragma once

#include <string_view>

namespace tickertape::collector {

/// Returns `0.1.1 (0123456789ab)`: the version and, if git knew it, the commit.
[[nodiscard]] std::string_view version_text() noexcept;

} // namespace tickertape::collector
