// SPDX-License-Identifier: MIT
/// \file
/// Exact sums: 128-bit integers, and a replacement for doubles.
#pragma once

#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <type_traits>

#include <tickertape/burst_samples.hpp>

namespace tickertape::burst {

__extension__ using Int128 = __int128;

/// The type of a sum of samples.
template <Number T>
using Sum = std::conditional_t<std::is_same_v<T, std::int64_t>, Int128, long double>;

template <Number T>
[[nodiscard]] Sum<T> sum(std::span<const T> values) noexcept {
    return std::accumulate(values.begin(), values.end(), Sum<T>{0});
}

/// Returns a + b * c, or nothing if that overflows.
[[nodiscard]] inline std::optional<Int128> multiply_add(Int128 a, Int128 b, Int128 c) noexcept {
    Int128 product = 0;
    Int128 result = 0;
    if (__builtin_mul_overflow(b, c, &product) || __builtin_add_overflow(a, product, &result)) {
        return std::nullopt;
    }
    return result;
}

/// Returns the nearest long double. Quotients of such numbers are rounded to double in the end.
[[nodiscard]] inline long double real(Int128 number) noexcept { return static_cast<long double>(number); }
[[nodiscard]] inline long double real(long double number) noexcept { return number; }

} // namespace tickertape::burst
