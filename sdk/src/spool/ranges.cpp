// SPDX-License-Identifier: MIT
#include "spool/ranges.hpp"

#include <algorithm>
#include <array>

namespace tickertape::spool {

namespace {

// Returns the first range that ends after `number`.
auto behind(auto& ranges, std::uint64_t number) {
    return std::partition_point(ranges.begin(), ranges.end(),
                                [number](const Range& range) { return range.to <= number; });
}

} // namespace

std::uint64_t Ranges::add(Range range) {
    if (range.size() == 0) {
        return 0;
    }
    const std::uint64_t added = range.size() - count(range);
    // All ranges that overlap or touch it are joined with it.
    const auto first = std::partition_point(ranges_.begin(), ranges_.end(),
                                            [&range](const Range& other) { return other.to < range.from; });
    auto last = first;
    for (; last != ranges_.end() && last->from <= range.to; ++last) {
        range = {.from = std::min(range.from, last->from), .to = std::max(range.to, last->to)};
    }
    if (first == last) {
        ranges_.insert(first, range);
    } else {
        *first = range;
        ranges_.erase(first + 1, last);
    }
    size_ += added;
    return added;
}

std::uint64_t Ranges::remove(Range range) {
    const std::uint64_t removed = count(range);
    if (removed == 0) {
        return 0;
    }
    const auto first = behind(ranges_, range.from);
    auto last = first;
    std::array<Range, 2> rests{};
    std::size_t kept = 0;
    for (; last != ranges_.end() && last->from < range.to; ++last) {
        if (last->from < range.from) {
            rests[kept++] = {.from = last->from, .to = range.from};
        }
        if (last->to > range.to) {
            rests[kept++] = {.from = range.to, .to = last->to};
        }
    }
    const auto at = ranges_.erase(first, last);
    ranges_.insert(at, rests.begin(), rests.begin() + static_cast<std::ptrdiff_t>(kept));
    size_ -= removed;
    return removed;
}

std::uint64_t Ranges::count(Range range) const noexcept {
    std::uint64_t sum = 0;
    for (auto at = behind(ranges_, range.from); at != ranges_.end() && at->from < range.to; ++at) {
        sum += common(*at, range).size();
    }
    return sum;
}

} // namespace tickertape::spool
