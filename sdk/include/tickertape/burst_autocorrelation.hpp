// SPDX-License-Identifier: MIT
/// \file
/// Autocorrelation: the periods of a series. Finds timers: a quota of 100 ms, cron at :00.
#pragma once

#include <cstddef>
#include <vector>

#include <tickertape/burst_samples.hpp>

namespace tickertape::burst {

/// The largest lag that is examined, in buckets.
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

/// Returns the highest peaks of R(l), highest first, for l from 2 to a quarter of the longest stretch. A peak is a local maximum
/// above 5 / sqrt(n), which independent samples hardly reach. It must rise by as much from the valleys on both sides, which the
/// ripples of a slow decay do not. If a peak is a multiple of a shorter one that is at least half as high, the shortest such peak
/// replaces it: for a period of 33.3 buckets the highest peak is at 333, and the result has 33. Other multiples of a lag in the
/// result are left out. Empty for fewer than 40 samples in a stretch.
template <Number T>
[[nodiscard]] std::vector<Lag> top_lags(const Samples<T>& samples, std::size_t count = 3);

} // namespace tickertape::burst
