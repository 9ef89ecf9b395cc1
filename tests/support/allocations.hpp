// SPDX-License-Identifier: MIT
/// \file
/// Counts calls of operator new in the unit tests.
#pragma once

#include <cstddef>

namespace test {

/// Returns how often this thread has called operator new.
[[nodiscard]] std::size_t allocations() noexcept;

/// While it lives, the `count`-th call of operator new by this thread throws std::bad_alloc, or returns null; 1 is the next one.
class FailedAllocation {
public:
    explicit FailedAllocation(std::size_t count) noexcept;
    FailedAllocation(const FailedAllocation&) = delete;
    FailedAllocation& operator=(const FailedAllocation&) = delete;
    ~FailedAllocation();
};

} // namespace test
