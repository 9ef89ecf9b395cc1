// SPDX-License-Identifier: MIT
/// \file
/// The nearest rank.
#pragma once

#include <cstddef>

#include <tickertape/burst_measures.hpp>

namespace tickertape::burst {

/// The index in `n` sorted values that is the percentile `p`: ceil(p n) - 1, at least 0. `n` is above 0, and below 2^32.
[[nodiscard]] constexpr std::size_t nearest_rank(std::size_t n, Fraction p) noexcept {
    const std::size_t rank = (n * p.part + p.whole - 1) / p.whole;
    return rank == 0 ? 0 : rank - 1;
}

} // namespace tickertape::burst
