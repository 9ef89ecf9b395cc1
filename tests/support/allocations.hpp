// SPDX-License-Identifier: MIT
/// \file
/// Counts calls of operator new in the unit tests.
#pragma once

#include <cstddef>

namespace test {

/// Returns how often this thread has called operator new.
[[nodiscard]] std::size_t allocations() noexcept;

} // namespace test
