// SPDX-License-Identifier: MIT
/// \file
/// Burst analysis: the burstiness, queues and periods of a series of buckets, from a counter or from parsed lines.
///
///     const burst::Samples samples{requests.window(), requests.granularity()};
///     const burst::Report report = burst::analyse(samples, {.service_rate = 500.0});
///
/// The measures are pure functions of Samples; the headers burst_….hpp have their formulas, units and sources.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <vector>

#include <tickertape/burst_autocorrelation.hpp>
#include <tickertape/burst_envelope.hpp>
#include <tickertape/burst_episodes.hpp>
#include <tickertape/burst_measures.hpp>
#include <tickertape/burst_samples.hpp>

namespace tickertape::burst {

/// The capacity, service rate and thresholds for the measures.
struct Options {
    /// The amount that can be handled per second. `hi` is half of it unless given, and the service rate equals it unless given.
    std::optional<double> capacity = std::nullopt;
    /// The rate per second at which the queue of the envelope is served. Without it and without a capacity the envelope is
    /// computed for 1.25, 2, 4 and 8 times the mean rate.
    std::optional<double> service_rate = std::nullopt;
    /// A burst begins at this value of a bucket; by default half of the capacity, else four times the median.
    std::optional<double> hi = std::nullopt;
    /// A burst ends below this value; by default half of `hi`. A value above `hi`, or one that is not finite: UsageError.
    std::optional<double> lo = std::nullopt;
    /// Bursts with at most this number of buckets between them count as one.
    std::size_t join = 0;
};
static_assert(std::is_aggregate_v<Options>);

/// All measures of one series. A measure that is not available is empty, never 0.
template <Number T>
struct Report {
    std::chrono::nanoseconds granularity{};
    std::size_t buckets = 0;
    std::size_t stretches = 0;
    std::size_t missing = 0; ///< buckets between the stretches
    std::size_t partial = 0; ///< buckets left out
    std::size_t smeared = 0; ///< buckets with a share of a spread count
    std::optional<double> burstiness;
    std::optional<double> mean;
    std::optional<Percentiles<T>> percentiles;
    std::optional<Trend> trend;
    std::vector<Scale> scales;
    std::optional<Thresholds<T>> thresholds;
    std::optional<Episodes<T>> episodes; ///< empty without thresholds
    std::optional<Clustering> clustering;
    std::vector<Envelope> envelopes;
    std::optional<double> half_in;   ///< the share of the buckets that holds 50 % of the volume
    std::optional<double> ninety_in; ///< the same for 90 %
    std::vector<Lag> lags;
};

/// All measures. Throws UsageError as the single functions do. O(n log n) time, O(n) memory.
template <Number T>
[[nodiscard]] Report<T> analyse(const Samples<T>& samples, const Options& options = {});

} // namespace tickertape::burst
