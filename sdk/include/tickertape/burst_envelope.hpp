// SPDX-License-Identifier: MIT
/// \file
/// The envelope: the length of a queue with which a given rate of service is enough.
#pragma once

#include <optional>

#include <tickertape/burst_samples.hpp>

namespace tickertape::burst {

/// The longest queue that samples make.
struct Envelope {
    double service_rate = 0; ///< per second, as asked for
    double queue = 0;        ///< its greatest length, in the unit of the samples
    WallTime since{};        ///< the start of the first bucket of the backlog that grew to it
    WallTime at{};           ///< the start of the bucket at whose end it was reached, for the first time
};

/// The leaky bucket: q_i = max(0, q_(i-1) + x_i - r d), with r the service rate per second and d the granularity; the
/// answer is max q_i, which equals the maximum of (sum of x - r d) over all windows, 0 at least. "Served at 500/s this
/// needs a queue of 160." The queue is empty at the start of each stretch, so with gaps this is a lower bound. Exact for
/// counts and whole rates below 2^53, then rounded to the nearest double. Nothing for no samples. Throws UsageError for a
/// rate that is negative or not finite. O(n). Source: Cruz, "A calculus for network delay", IEEE Trans. IT 37(1), 1991.
template <Number T>
[[nodiscard]] std::optional<Envelope> envelope(const Samples<T>& samples, double service_rate);

} // namespace tickertape::burst
