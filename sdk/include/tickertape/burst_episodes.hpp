// SPDX-License-Identifier: MIT
/// \file
/// Single bursts, and whether they come in trains.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <tickertape/burst_samples.hpp>

namespace tickertape::burst {

/// The thresholds of a burst, for a bucket.
template <Number T>
struct Thresholds {
    T hi{}; ///< a burst begins with a bucket of at least `hi`
    T lo{}; ///< it ends before the first bucket below `lo`
};

/// Thresholds from a capacity: `hi` is half of the amount that `capacity` (per second) allows in a bucket, `lo` half of `hi`.
/// Throws UsageError for a capacity that is not positive. Source: Zhang et al., "High-Resolution Measurement of Data
/// Center Microbursts", IMC 2017 (bursts are over 50 % of the line rate).
template <Number T>
[[nodiscard]] Thresholds<T> thresholds_of_capacity(const Samples<T>& samples, double capacity);

/// Thresholds from the samples: `hi` is four times the median, or four times the mean if the median is not positive; `lo` is half
/// of `hi`. They are rounded up for counts. Nothing if the mean is not positive either, or if `hi` would overflow.
template <Number T>
[[nodiscard]] std::optional<Thresholds<T>> usual_thresholds(const Samples<T>& samples);

/// All bursts. Lengths and gaps are in buckets, and their percentiles by nearest rank.
template <Number T>
struct Episodes {
    /// One burst.
    struct Episode {
        WallTime start;
        std::size_t buckets = 0; ///< its length
        T peak{};
        double volume = 0;    ///< the sum of its samples, to the nearest double
        bool cut = false;     ///< it touches an end of its stretch, so it may have been longer
        bool smeared = false; ///< some of its buckets are smeared, so its shape is uncertain
    };

    std::vector<Episode> list; ///< in order of time
    std::size_t cut = 0;       ///< how many of them touch an end of their stretch
    std::optional<std::size_t> length_p50;
    std::optional<std::size_t> length_p99;
    std::optional<std::size_t> length_max;
    /// Between bursts of one stretch.
    std::optional<std::size_t> gap_p50;
    /// The buckets of bursts / n, 0 to 1. Nothing for no samples.
    std::optional<double> share_of_time;
    /// The volume of bursts / the sum of all samples, 0 to 1. Nothing for negative samples or a sum of 0.
    std::optional<double> share_of_volume;
};

/// Finds bursts with hysteresis: a burst begins at x >= hi and ends before the first x < lo. Two bursts of a stretch with at most
/// `join` buckets between them become one, which includes these buckets. A gap ends a burst. Throws UsageError for lo > hi. O(n).
/// Source: the tables of Zhang et al., IMC 2017.
template <Number T>
[[nodiscard]] Episodes<T> episodes(const Samples<T>& samples, Thresholds<T> thresholds, std::size_t join = 0);

/// Whether hot buckets (x >= hi) follow each other, counted over neighbouring buckets of a stretch.
struct Clustering {
    std::size_t after_hot = 0;            ///< pairs of neighbours with a hot first one
    std::size_t after_cold = 0;           ///< pairs with a first one that is not hot
    std::optional<double> hot_after_hot;  ///< p(hot | hot), nothing for fewer than 10 neighbours
    std::optional<double> hot_after_cold; ///< p(hot | cold), nothing for fewer than 10 neighbours
    /// p(hot | hot) / p(hot | cold): 1 means no memory, a large ratio means trains. Nothing if one of them is nothing, or if the
    /// latter is 0.
    std::optional<double> ratio;
};

/// Source: the two-state Markov fit of Zhang et al., IMC 2017. O(n).
template <Number T>
[[nodiscard]] Clustering clustering(const Samples<T>& samples, T hi);

} // namespace tickertape::burst
