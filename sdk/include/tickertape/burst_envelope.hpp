// SPDX-License-Identifier: MIT
/// \file
/// The envelope: the length of the queue that a given service rate needs.
#pragma once

#include <optional>

#include <tickertape/burst_samples.hpp>

namespace tickertape::burst {

/// The longest queue for a service rate.
struct Envelope {
    double service_rate = 0; ///< per second
    double queue = 0;        ///< its largest length, in the unit of the samples
    WallTime since{};        ///< the start of the bucket in which the backlog began that grew to this length
    WallTime at{};           ///< the start of the first bucket at whose end the length was reached
};

/// The leaky bucket: q_i = max(0, q_(i-1) + x_i - r d), with r the service rate per second and d the granularity. The result is
/// max q_i, which equals the maximum of (sum of x - r d) over all windows, at least 0. "Served at 500/s this needs a queue of
/// 160." The queue is empty at the start of each stretch, so with gaps this is a lower bound. Exact for counts and whole rates
/// below 2^53, then rounded to the nearest double. Nothing for no samples. Throws UsageError for a rate that is negative or not
/// finite. O(n). Source: Cruz, "A calculus for network delay", IEEE Trans. IT 37(1), 1991.
template <Number T>
[[nodiscard]] std::optional<Envelope> envelope(const Samples<T>& samples, double service_rate);

} // namespace tickertape::burst
