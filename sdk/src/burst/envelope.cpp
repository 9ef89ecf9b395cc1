// SPDX-License-Identifier: MIT
#include <tickertape/burst_envelope.hpp>

#include <cmath>

#include <tickertape/name.hpp>

#include "burst/wide.hpp"

namespace tickertape::burst {

namespace {

constexpr std::int64_t unit =
    1'000'000'000; // queues are counted in billionths, so that rate * nanoseconds is a whole number

// `served`: billionths per bucket.
template <Number T, class Queue>
Envelope longest_queue(const Samples<T>& samples, Queue served) {
    Envelope result;
    result.since = result.at = samples.stretches().front().start;
    Queue longest = 0;
    for (const auto& stretch : samples.stretches()) {
        Queue queue = 0;
        WallTime since = stretch.start;
        WallTime start = stretch.start;
        for (const T value : samples.values_of(stretch)) {
            if (queue == 0) {
                since = start;
            }
            queue += static_cast<Queue>(value) * unit - served;
            if (queue < 0) {
                queue = 0;
            }
            if (queue > longest) {
                longest = queue;
                result.since = since;
                result.at = start;
            }
            start += samples.granularity();
        }
    }
    result.queue = static_cast<double>(real(longest) / unit);
    return result;
}

} // namespace

template <Number T>
std::optional<Envelope> envelope(const Samples<T>& samples, double service_rate) {
    if (!(service_rate >= 0) || !std::isfinite(service_rate)) {
        throw UsageError{"a service rate is a number per second, 0 or more"};
    }
    if (samples.empty()) {
        return std::nullopt;
    }
    constexpr double exact = 9007199254740992.0; // 2^53
    const bool whole = service_rate < exact && std::trunc(service_rate) == service_rate;
    Envelope result;
    if (std::is_same_v<T, std::int64_t> && whole) {
        const auto per_bucket = static_cast<Int128>(service_rate) * samples.granularity().count();
        result = longest_queue<T, Int128>(samples, per_bucket);
    } else {
        const auto per_bucket =
            static_cast<long double>(service_rate) * static_cast<long double>(samples.granularity().count());
        result = longest_queue<T, long double>(samples, per_bucket);
    }
    result.service_rate = service_rate;
    return result;
}

template std::optional<Envelope> envelope(const Samples<std::int64_t>&, double);
template std::optional<Envelope> envelope(const Samples<double>&, double);

} // namespace tickertape::burst
