// SPDX-License-Identifier: MIT
/// \file
/// The nearest rank.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tickertape::burst {

/// A part of a whole, exact: `{99}` is 99 %, `{999, 1000}` 99.9 %.
struct Fraction {
    std::uint32_t part = 0;
    std::uint32_t whole = 100;
};

/// Returns the index of the percentile `p` in `n` sorted values: ceil(p n) - 1, at least 0. `n` is above 0 and below 2^32.
[[nodiscard]] constexpr std::size_t nearest_rank(std::size_t n, Fraction p) noexcept {
    const std::size_t rank = (n * p.part + p.whole - 1) / p.whole;
    return rank == 0 ? 0 : rank - 1;
}

} // namespace tickertape::burst
