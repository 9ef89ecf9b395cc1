// SPDX-License-Identifier: MIT
/// \file
/// A threshold of counts.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <tickertape/burst_samples.hpp>

namespace tickertape::burst {

/// Returns the threshold of samples that has the same effect as `number`: a count is at least 2.5 if it is at least 3.
template <Number T>
[[nodiscard]] T threshold(double number) noexcept {
    if constexpr (std::is_same_v<T, double>) {
        return number;
    } else {
        constexpr double two_to_63 = 9223372036854775808.0;
        const double up = std::ceil(number);
        if (up >= two_to_63) {
            return std::numeric_limits<T>::max();
        }
        return up < -two_to_63 ? std::numeric_limits<T>::min() : static_cast<T>(up);
    }
}

} // namespace tickertape::burst
