// SPDX-License-Identifier: MIT
/// \file
/// The collectors in this command.
#pragma once

#include <span>

#include "collector/body.hpp"

namespace tickertape::cli::host {

/// Returns the collectors of the folder `collectors`, sorted by name; none if they are not built. CMake makes the table.
[[nodiscard]] std::span<const collector::Body> collectors() noexcept;

} // namespace tickertape::cli::host
