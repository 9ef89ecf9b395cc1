// SPDX-License-Identifier: MIT
/// \file
/// Catch2, whichever version is installed: 2 (Debian 12) or 3 (Debian 13). Tests include this and write version 3.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)

#include <catch2/catch_all.hpp>

#else

#include <catch2/catch.hpp>

// The names of version 3 that the tests use and version 2 spells otherwise.
namespace Catch {

using Catch::Detail::Approx;

namespace Matchers {

inline auto ContainsSubstring(const std::string& part) { return Contains(part); }

} // namespace Matchers
} // namespace Catch

#endif
