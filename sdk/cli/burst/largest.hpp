// SPDX-License-Identifier: MIT
/// \file
/// The largest bursts, for lists that people read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <tickertape/burst.hpp>

namespace tickertape::cli::burst {

/// Returns at most `most` bursts, by falling volume, as indices into the list of the episodes.
template <tickertape::burst::Number T>
[[nodiscard]] std::vector<std::size_t> largest_bursts(const tickertape::burst::Report<T>& report, std::size_t most) {
    if (!report.episodes) {
        return {};
    }
    const auto& list = report.episodes->list;
    std::vector<std::size_t> order(list.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(most, order.size()));
    std::partial_sort(order.begin(), end, order.end(), [&](std::size_t a, std::size_t b) {
        return list[a].volume != list[b].volume ? list[a].volume > list[b].volume : a < b;
    });
    order.erase(end, order.end());
    return order;
}

} // namespace tickertape::cli::burst
