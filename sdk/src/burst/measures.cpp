// SPDX-License-Identifier: MIT
#include <tickertape/burst_measures.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <tickertape/name.hpp>

#include "burst/rank.hpp"
#include "burst/wide.hpp"

namespace tickertape::burst {

namespace {

void check(Fraction fraction) {
    if (fraction.part > fraction.whole || fraction.whole == 0) {
        throw UsageError{std::to_string(fraction.part) + " of " + std::to_string(fraction.whole) +
                         " is no fraction between 0 and 1"};
    }
}

template <Number T>
bool any_negative(std::span<const T> values) {
    return std::any_of(values.begin(), values.end(), [](T value) { return value < 0; });
}

template <Number T>
double mean_of(std::span<const T> values) {
    return static_cast<double>(real(sum(values)) / static_cast<long double>(values.size()));
}

} // namespace

template <Number T>
std::optional<T> percentile(const Samples<T>& samples, std::uint32_t part, std::uint32_t whole) {
    const Fraction p{part, whole};
    check(p);
    if (samples.empty()) {
        return std::nullopt;
    }
    std::vector<T> values(samples.values().begin(), samples.values().end());
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(nearest_rank(values.size(), p));
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

template <Number T>
std::optional<Percentiles<T>> percentiles(const Samples<T>& samples) {
    if (samples.empty()) {
        return std::nullopt;
    }
    std::vector<T> sorted(samples.values().begin(), samples.values().end());
    std::sort(sorted.begin(), sorted.end());
    return Percentiles<T>{.min = sorted.front(),
                          .p50 = sorted[nearest_rank(sorted.size(), {50})],
                          .p95 = sorted[nearest_rank(sorted.size(), {95})],
                          .p99 = sorted[nearest_rank(sorted.size(), {99})],
                          .max = sorted.back()};
}

template <Number T>
std::optional<double> mean(const Samples<T>& samples) {
    return samples.empty() ? std::nullopt : std::optional{mean_of(samples.values())};
}

template <Number T>
std::optional<double> concentration(const Samples<T>& samples, std::uint32_t part, std::uint32_t whole) {
    const Fraction share{part, whole};
    check(share);
    const Sum<T> volume = sum(samples.values());
    if (volume <= 0 || any_negative(samples.values())) {
        return std::nullopt;
    }
    std::vector<T> sorted(samples.values().begin(), samples.values().end());
    std::sort(sorted.begin(), sorted.end(), std::greater<>{});
    // sum of the largest * whole >= volume * part. whole and part have 32 bits, so sums up to 2^95 do not overflow.
    const Sum<T> enough = volume * share.part;
    Sum<T> held = 0;
    std::size_t taken = 0;
    while (taken < sorted.size() && held * share.whole < enough) {
        held += sorted[taken];
        ++taken;
    }
    return static_cast<double>(taken) / static_cast<double>(sorted.size());
}

template <Number T>
std::optional<Trend> trend(const Samples<T>& samples) {
    if (samples.size() < 2) {
        return std::nullopt;
    }
    const auto values = samples.values();
    return Trend{.first_half = mean_of(values.first(values.size() / 2)),
                 .second_half = mean_of(values.subspan(values.size() / 2))};
}

template std::optional<std::int64_t> percentile(const Samples<std::int64_t>&, std::uint32_t, std::uint32_t);
template std::optional<Percentiles<std::int64_t>> percentiles(const Samples<std::int64_t>&);
template std::optional<double> mean(const Samples<std::int64_t>&);
template std::optional<double> concentration(const Samples<std::int64_t>&, std::uint32_t, std::uint32_t);
template std::optional<Trend> trend(const Samples<std::int64_t>&);
template std::optional<double> percentile(const Samples<double>&, std::uint32_t, std::uint32_t);
template std::optional<Percentiles<double>> percentiles(const Samples<double>&);
template std::optional<double> mean(const Samples<double>&);
template std::optional<double> concentration(const Samples<double>&, std::uint32_t, std::uint32_t);
template std::optional<Trend> trend(const Samples<double>&);

} // namespace tickertape::burst
