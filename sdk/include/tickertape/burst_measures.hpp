// SPDX-License-Identifier: MIT
/// \file
/// Measures that are one number: percentiles, dispersion over scales, concentration, trend.
///
/// In the formulas x_1 … x_n are the samples, and m is their mean. Functions throw only std::bad_alloc, unless their comments
/// name another exception, and do not block. Sums of counts are exact (128 bits). Readings, and sums of squares that do not fit,
/// use long double.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <tickertape/burst_samples.hpp>

namespace tickertape::burst {

/// With fewer blocks than this, a measure of dispersion is not available.
inline constexpr std::size_t least_blocks = 10;

/// The percentile by nearest rank for p = part / whole, so 99 is 99 % and (999, 1000) 99.9 %: sorted[ceil(p n) - 1], a value
/// that occurred, in the unit of the samples; p = 0 is the minimum. Nothing for no samples. Throws UsageError for part > whole and
/// whole = 0. Source: the nearest-rank definition; O(n).
template <Number T>
[[nodiscard]] std::optional<T> percentile(const Samples<T>& samples, std::uint32_t part, std::uint32_t whole = 100);

/// The usual percentiles, all by nearest rank, at the cost of one sort.
template <Number T>
struct Percentiles {
    T min;
    T p50;
    T p95;
    T p99;
    T max;
};
/// Nothing for no samples.
template <Number T>
[[nodiscard]] std::optional<Percentiles<T>> percentiles(const Samples<T>& samples);

/// The mean m = (x_1 + … + x_n) / n, in the unit of the samples. Nothing for no samples.
template <Number T>
[[nodiscard]] std::optional<double> mean(const Samples<T>& samples);

/// The samples in blocks of k buckets. X_1 … X_K are the sums over the blocks. Blocks begin with each stretch; buckets that are left at its
/// end are in no block. E and Var are the mean and the population variance of X_1 … X_K.
/// Nothing where K < `least_blocks` or the mean is not positive, nor for a figure that is too large for a double, such as squares of values
/// beyond 1e154.
struct Scale {
    std::size_t buckets = 1; ///< k
    std::size_t blocks = 0;  ///< K
    /// P(k) = max X_j / (k m), without a unit. 1 for a constant; 40 at 1 ms and 3 at 1 s: an average of 1 s hides the difference.
    std::optional<double> peak_to_mean = std::nullopt;
    /// I(k) = Var / E, in the samples' unit, so for counts only. 0 for a constant, 1 for independent events (Poisson),
    /// growing with k where bursts cluster. Source: Gusella, IEEE JSAC 9(2), 1991; the Fano factor.
    std::optional<double> dispersion = std::nullopt;
    /// Var / E^2, without a unit: for readings and bytes in place of I(k).
    std::optional<double> squared_variation = std::nullopt;
    /// A(k) = mean of (X_(j+1) - X_j)^2 over neighbours of a stretch, / (2 E): means the same as I(k), without slow
    /// trends. A(k) = 2 I(k) - I(2k) on average. Source: the Allan factor; Thurner et al., adap-org/9709006.
    std::optional<double> allan = std::nullopt;
};

/// The samples in blocks of `buckets`. Throws UsageError for blocks of 0. O(n).
template <Number T>
[[nodiscard]] Scale scale(const Samples<T>& samples, std::size_t buckets);

/// The samples in blocks of 1, 2, 4, 8 … buckets, as long as there is a block in the longest stretch. O(n log n).
template <Number T>
[[nodiscard]] std::vector<Scale> scales(const Samples<T>& samples);

/// The distance from 1 within which I(k) of independent events stays: two standard deviations, 2 sqrt(2 / (K - 1)). Nothing if K
/// < `least_blocks`. Source: I (K - 1) is about chi-squared with K - 1 degrees of freedom.
[[nodiscard]] std::optional<double> poisson_band(std::size_t blocks) noexcept;

/// The number to sort series by, without a unit. For counts it is (Var - m) / m^2, the relative variance beyond that of
/// independent events, for which it is 0 however rare they are. For readings it is Var / m^2. A series that is on for 1 % of the
/// time has 99. Nothing for fewer than `least_blocks` samples, or if the mean is not positive. Source: the second factorial
/// cumulant, relative to the mean; at k = 1.
template <Number T>
[[nodiscard]] std::optional<double> burstiness(const Samples<T>& samples);

/// The least share of the buckets, 0 to 1, that holds share = part / whole of the volume: with the samples sorted downwards, the
/// least j / n with x_1 + … + x_j >= share * sum. (90) is 0.07: 90 % of the events happen in 7 % of the time. Nothing for
/// negative samples or a sum of 0. Throws UsageError for part > whole and whole = 0. Source: the Lorenz curve.
template <Number T>
[[nodiscard]] std::optional<double> concentration(const Samples<T>& samples, std::uint32_t part,
                                                  std::uint32_t whole = 100);

/// The means of the first and the second half of the samples. If they differ a lot, the series is not stationary, which distorts
/// dispersion and correlation (Gusella's warning). Nothing for fewer than 2 samples.
struct Trend {
    double first_half = 0;
    double second_half = 0;
};
template <Number T>
[[nodiscard]] std::optional<Trend> trend(const Samples<T>& samples);

} // namespace tickertape::burst
