// SPDX-License-Identifier: MIT
/// \file
/// Burst analysis by the definitions, slowly, for comparison with the library's. Counts are rational numbers, so there is no
/// rounding.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <boost/multiprecision/cpp_int.hpp>

namespace test::naive {

using Exact = boost::multiprecision::cpp_rational;
/// A series: stretches of counts, with gaps between them.
using Counts = std::vector<std::vector<std::int64_t>>;

inline std::vector<std::int64_t> all(const Counts& counts) {
    std::vector<std::int64_t> values;
    for (const auto& stretch : counts) {
        values.insert(values.end(), stretch.begin(), stretch.end());
    }
    return values;
}

inline Exact sum(const std::vector<std::int64_t>& values) {
    Exact sum = 0;
    for (const auto value : values) {
        sum += value;
    }
    return sum;
}

inline std::vector<std::vector<Exact>> blocks(const Counts& counts, std::size_t k) {
    std::vector<std::vector<Exact>> blocks;
    for (const auto& stretch : counts) {
        blocks.emplace_back();
        for (std::size_t i = 0; i + k <= stretch.size(); i += k) {
            blocks.back().push_back(sum({stretch.begin() + static_cast<std::ptrdiff_t>(i),
                                         stretch.begin() + static_cast<std::ptrdiff_t>(i + k)}));
        }
    }
    return blocks;
}

struct Dispersion {
    std::size_t blocks = 0;
    Exact peak_to_mean, dispersion, squared_variation;
    std::optional<Exact> allan{};
};

/// Nothing if it is not available.
inline std::optional<Dispersion> dispersion(const Counts& counts, std::size_t k) {
    std::vector<Exact> x;
    Exact steps = 0;
    std::size_t neighbours = 0;
    for (const auto& stretch : blocks(counts, k)) {
        for (std::size_t j = 1; j < stretch.size(); ++j) {
            steps += (stretch[j] - stretch[j - 1]) * (stretch[j] - stretch[j - 1]);
            ++neighbours;
        }
        x.insert(x.end(), stretch.begin(), stretch.end());
    }
    const auto values = all(counts);
    Exact mean = 0;
    for (const Exact& block : x) {
        mean += block / x.size();
    }
    if (x.size() < 10 || mean <= 0 || sum(values) <= 0) {
        return std::nullopt;
    }
    Exact variance = 0;
    for (const Exact& block : x) {
        variance += (block - mean) * (block - mean) / x.size();
    }
    Dispersion result{.blocks = x.size(),
                      .peak_to_mean = *std::max_element(x.begin(), x.end()) / (k * sum(values) / values.size()),
                      .dispersion = variance / mean,
                      .squared_variation = variance / mean / mean};
    if (neighbours > 0) {
        result.allan = steps / (2 * neighbours * mean);
    }
    return result;
}

/// Returns the smallest value that `part` of `whole` of the values do not exceed.
inline std::int64_t percentile(const Counts& counts, std::size_t part, std::size_t whole) {
    const auto values = all(counts);
    std::optional<std::int64_t> least;
    for (const auto candidate : values) {
        const auto below = static_cast<std::size_t>(
            std::count_if(values.begin(), values.end(), [&](std::int64_t value) { return value <= candidate; }));
        if (below * whole >= part * values.size() && (!least || candidate < *least)) {
            least = candidate;
        }
    }
    return *least;
}

/// Returns the maximum, over all windows of a stretch, of the arrivals minus the served amount; at least 0.
inline Exact queue(const Counts& counts, const Exact& served_per_bucket) {
    Exact longest = 0;
    for (const auto& stretch : counts) {
        for (std::size_t i = 0; i < stretch.size(); ++i) {
            Exact queue = 0;
            for (std::size_t j = i; j < stretch.size(); ++j) {
                queue += stretch[j] - served_per_bucket;
                longest = std::max(longest, queue);
            }
        }
    }
    return longest;
}

/// Returns the size of the smallest set of buckets that holds the share; it consists of the largest ones.
inline std::size_t buckets_that_hold(const Counts& counts, std::size_t part, std::size_t whole) {
    auto values = all(counts);
    std::size_t taken = 0;
    Exact held = 0;
    const Exact volume = sum(values);
    while (held * whole < volume * part) {
        const auto largest = std::max_element(values.begin(), values.end());
        held += *largest;
        values.erase(largest);
        ++taken;
    }
    return taken;
}

inline double correlation(const Counts& counts, std::size_t lag) {
    const auto values = all(counts);
    const auto mean = static_cast<long double>(sum(values) / values.size());
    long double squares = 0;
    for (const auto value : values) {
        squares += (static_cast<long double>(value) - mean) * (static_cast<long double>(value) - mean);
    }
    long double products = 0;
    for (const auto& stretch : counts) {
        for (std::size_t i = 0; i + lag < stretch.size(); ++i) {
            products +=
                (static_cast<long double>(stretch[i]) - mean) * (static_cast<long double>(stretch[i + lag]) - mean);
        }
    }
    return static_cast<double>(products / squares);
}

/// Returns bursts as [first, end) of each stretch. A bucket is in one if it is hot, or if it is warm and follows one.
inline std::vector<std::vector<std::pair<std::size_t, std::size_t>>> bursts(const Counts& counts, std::int64_t hi,
                                                                            std::int64_t lo, std::size_t join) {
    std::vector<std::vector<std::pair<std::size_t, std::size_t>>> result;
    for (const auto& stretch : counts) {
        std::vector<bool> in(stretch.size());
        for (std::size_t i = 0; i < stretch.size(); ++i) {
            in[i] = stretch[i] >= hi || (stretch[i] >= lo && i > 0 && in[i - 1]);
        }
        for (std::size_t i = 0; i < in.size(); ++i) { // closes short holes between the original bursts
            const auto next = std::find(in.begin() + static_cast<std::ptrdiff_t>(i), in.end(), true);
            const auto hole = static_cast<std::size_t>(next - in.begin()) - i;
            if (i > 0 && in[i - 1] && !in[i] && next != in.end() && hole <= join) {
                std::fill(in.begin() + static_cast<std::ptrdiff_t>(i), next, true);
            }
        }
        result.emplace_back();
        for (std::size_t i = 0; i < in.size(); ++i) {
            if (in[i] && (i == 0 || !in[i - 1])) {
                result.back().emplace_back(i, i);
            }
            if (in[i]) {
                result.back().back().second = i + 1;
            }
        }
    }
    return result;
}

} // namespace test::naive
