// SPDX-License-Identifier: MIT
/// \file
/// Catch2 of either version: 2 (Debian 12) or 3 (Debian 13). Tests include this file and use the names of version 3.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)

#include <catch2/catch_all.hpp>

#else

#include <catch2/catch.hpp>

// Names of version 3 that version 2 spells differently.
namespace Catch {

using Catch::Detail::Approx;

namespace Matchers {

inline auto ContainsSubstring(const std::string& part) { return Contains(part); }

} // namespace Matchers
} // namespace Catch

#endif
