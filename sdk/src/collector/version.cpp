// SPDX-License-Identifier: MIT
#include "collector/version.hpp"

#include <build_version.hpp>

namespace tickertape::collector {

std::string_view version_text() noexcept { return build_version; }

} // namespace tickertape::collector
