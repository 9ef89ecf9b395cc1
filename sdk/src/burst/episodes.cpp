// SPDX-License-Identifier: MIT
#include <tickertape/burst_episodes.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <tickertape/burst_measures.hpp>
#include <tickertape/name.hpp>

#include "burst/rank.hpp"
#include "burst/thresholds.hpp"
#include "burst/wide.hpp"

namespace tickertape::burst {

namespace {

// A burst, as indices into the values: [first, end).
struct Range {
    std::size_t first;
    std::size_t end;
};

// Returns the bursts of a stretch, with neighbouring ones joined.
template <Number T>
std::vector<Range> ranges_of(std::span<const T> values, Thresholds<T> thresholds, std::size_t join) {
    std::vector<Range> found;
    bool on = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!on && values[i] >= thresholds.hi) {
            on = true;
            const bool joins = !found.empty() && i - found.back().end <= join;
            if (!joins) {
                found.push_back({.first = i, .end = i});
            }
        }
        on = on && values[i] >= thresholds.lo;
        if (on) {
            found.back().end = i + 1;
        }
    }
    return found;
}

template <Number T>
bool overlaps_smeared(const Samples<T>& samples, std::size_t first, std::size_t end) {
    const auto smeared = samples.smeared();
    const auto after = std::lower_bound(smeared.begin(), smeared.end(), end,
                                        [](const auto& run, std::size_t i) { return run.first < i; });
    return after != smeared.begin() && std::prev(after)->first + std::prev(after)->count > first;
}

std::optional<std::size_t> ranked(std::vector<std::size_t>& values, Fraction p) {
    if (values.empty()) {
        return std::nullopt;
    }
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(nearest_rank(values.size(), p));
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

std::optional<double> ratio(std::size_t part, std::size_t whole) {
    if (whole < least_blocks) {
        return std::nullopt;
    }
    return static_cast<double>(part) / static_cast<double>(whole);
}

} // namespace

template <Number T>
Thresholds<T> thresholds_of_capacity(const Samples<T>& samples, double capacity) {
    if (!(capacity > 0) || !std::isfinite(capacity)) {
        throw UsageError{"a capacity is a number per second above 0"};
    }
    const double hi = capacity / 2 * std::chrono::duration<double>(samples.granularity()).count();
    return {.hi = threshold<T>(hi), .lo = threshold<T>(hi / 2)};
}

template <Number T>
std::optional<Thresholds<T>> usual_thresholds(const Samples<T>& samples) {
    const std::optional<T> median = percentile(samples, 50);
    const std::optional<double> middle = mean(samples);
    if (!median || !middle) {
        return std::nullopt;
    }
    const double usual = *median > 0 ? static_cast<double>(*median) : *middle;
    if (!(usual > 0) || !std::isfinite(4 * usual)) {
        return std::nullopt;
    }
    const T hi = threshold<T>(4 * usual);
    return Thresholds<T>{.hi = hi, .lo = threshold<T>(static_cast<double>(hi) / 2)};
}

template <Number T>
Episodes<T> episodes(const Samples<T>& samples, Thresholds<T> thresholds, std::size_t join) {
    if (thresholds.lo > thresholds.hi) {
        throw UsageError{"`lo`, below which a burst ends, must be at most `hi`, at which it begins"};
    }
    Episodes<T> result;
    std::vector<std::size_t> lengths;
    std::vector<std::size_t> gaps;
    Sum<T> volume = 0;
    std::size_t buckets = 0;
    for (const auto& stretch : samples.stretches()) {
        const auto values = samples.values_of(stretch);
        std::optional<std::size_t> last_end;
        for (const Range range : ranges_of(values, thresholds, join)) {
            const auto burst = values.subspan(range.first, range.end - range.first);
            const Sum<T> held = sum(burst);
            result.list.push_back(
                {.start = stretch.start + samples.granularity() * static_cast<std::int64_t>(range.first),
                 .buckets = burst.size(),
                 .peak = *std::max_element(burst.begin(), burst.end()),
                 .volume = static_cast<double>(held),
                 .cut = range.first == 0 || range.end == values.size(),
                 .smeared = overlaps_smeared(samples, stretch.first + range.first, stretch.first + range.end)});
            volume += held;
            buckets += burst.size();
            result.cut += result.list.back().cut ? 1 : 0;
            lengths.push_back(burst.size());
            if (last_end) {
                gaps.push_back(range.first - *last_end);
            }
            last_end = range.end;
        }
    }
    result.length_p50 = ranked(lengths, {50});
    result.length_p99 = ranked(lengths, {99});
    result.length_max = ranked(lengths, {100});
    result.gap_p50 = ranked(gaps, {50});
    if (!samples.empty()) {
        result.share_of_time = static_cast<double>(buckets) / static_cast<double>(samples.size());
    }
    const Sum<T> all = sum(samples.values());
    const auto values = samples.values();
    if (all > 0 && std::none_of(values.begin(), values.end(), [](T value) { return value < 0; })) {
        result.share_of_volume = static_cast<double>(real(volume) / real(all));
    }
    return result;
}

template <Number T>
Clustering clustering(const Samples<T>& samples, T hi) {
    std::size_t hot_hot = 0;
    std::size_t cold_hot = 0;
    Clustering result;
    for (const auto& stretch : samples.stretches()) {
        const auto values = samples.values_of(stretch);
        for (std::size_t i = 1; i < values.size(); ++i) {
            const bool hot = values[i] >= hi;
            if (values[i - 1] >= hi) {
                ++result.after_hot;
                hot_hot += hot ? 1 : 0;
            } else {
                ++result.after_cold;
                cold_hot += hot ? 1 : 0;
            }
        }
    }
    result.hot_after_hot = ratio(hot_hot, result.after_hot);
    result.hot_after_cold = ratio(cold_hot, result.after_cold);
    if (result.hot_after_hot && result.hot_after_cold && cold_hot > 0) {
        result.ratio = *result.hot_after_hot / *result.hot_after_cold;
    }
    return result;
}

template Thresholds<std::int64_t> thresholds_of_capacity(const Samples<std::int64_t>&, double);
template std::optional<Thresholds<std::int64_t>> usual_thresholds(const Samples<std::int64_t>&);
template Episodes<std::int64_t> episodes(const Samples<std::int64_t>&, Thresholds<std::int64_t>, std::size_t);
template Clustering clustering(const Samples<std::int64_t>&, std::int64_t);
template Thresholds<double> thresholds_of_capacity(const Samples<double>&, double);
template std::optional<Thresholds<double>> usual_thresholds(const Samples<double>&);
template Episodes<double> episodes(const Samples<double>&, Thresholds<double>, std::size_t);
template Clustering clustering(const Samples<double>&, double);

} // namespace tickertape::burst
