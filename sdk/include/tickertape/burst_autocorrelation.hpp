// SPDX-License-Identifier: MIT
/// \file
/// Autocorrelation: which periods a series has. Finds timers: a quota of 100 ms, cron at :00.
#pragma once

#include <cstddef>
#include <vector>

#include <tickertape/burst_samples.hpp>

namespace tickertape::burst {

/// The greatest lag that is looked at, in buckets.
inline constexpr std::size_t greatest_lag = 131'072;

/// R(0) … R(max_lag), where R(l) = sum of (x_i - m)(x_(i+l) - m) over pairs of one stretch / sum of (x_i - m)^2; 1 at lag
/// 0. Empty for no samples or a constant. Lags beyond `greatest_lag` are left out. By FFT: O(n log max_lag), right to about
/// 1e-12; memory 64 bytes a lag. Source: the standard (biased) estimator.
template <Number T>
[[nodiscard]] std::vector<double> autocorrelation(const Samples<T>& samples, std::size_t max_lag);

/// A period.
struct Lag {
    std::size_t buckets = 0;
    double correlation = 0; ///< R(buckets)
};

/// The highest peaks of R(l), highest first, for 2 <= l <= a quarter of the longest stretch: local maxima that are above
/// 5 / sqrt(n), which independent samples hardly reach, and rise by as much from the valleys on both sides, which the ripples
/// of a slow decay do not. In place of a peak stands the shortest one that it is a multiple of
/// and that is at least half as high: of a period of 33.3 buckets, 333 is the highest peak, and 33 is in the answer. Other
/// multiples of a lag in the answer are left out. Empty for fewer than 40 samples in a stretch.
template <Number T>
[[nodiscard]] std::vector<Lag> top_lags(const Samples<T>& samples, std::size_t count = 3);

} // namespace tickertape::burst
