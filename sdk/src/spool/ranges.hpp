// SPDX-License-Identifier: MIT
/// \file
/// Ranges: a set of numbers of points in a spool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tickertape::spool {

/// The numbers from `from` to below `to`.
struct Range {
    std::uint64_t from = 0;
    std::uint64_t to = 0;

    [[nodiscard]] std::uint64_t size() const noexcept { return to > from ? to - from : 0; }
    friend bool operator==(const Range&, const Range&) noexcept = default;
};

/// Returns the numbers that are in both.
[[nodiscard]] constexpr Range common(const Range& a, const Range& b) noexcept {
    return {.from = a.from > b.from ? a.from : b.from, .to = a.to < b.to ? a.to : b.to};
}

/// A set of numbers, stored as ordered ranges that do not touch.
///
/// Thread safety: as a standard container.
class Ranges {
public:
    /// Adds numbers. Returns how many of them are new.
    std::uint64_t add(Range range);
    /// Removes numbers. Returns how many of them were in the set.
    std::uint64_t remove(Range range);

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::uint64_t count(Range range) const noexcept;
    [[nodiscard]] bool contains(Range range) const noexcept { return count(range) == range.size(); }
    /// Returns the ranges in order; none is empty.
    [[nodiscard]] const std::vector<Range>& all() const noexcept { return ranges_; }
    void clear() noexcept {
        ranges_.clear();
        size_ = 0;
    }

private:
    std::vector<Range> ranges_;
    std::uint64_t size_ = 0;
};

} // namespace tickertape::spool
