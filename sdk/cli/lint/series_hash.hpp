// SPDX-License-Identifier: MIT
/// \file
/// Hashes of the series of a line.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "cli/lint/examiner.hpp"

namespace tickertape::cli::lint {

struct SeriesHash {
    std::uint64_t as_it_stands = 0;
    std::uint64_t in_any_order = 0; ///< equal for the same tags in any order
};

[[nodiscard]] inline SeriesHash hash_of(const LineWords& line) noexcept {
    constexpr std::uint64_t odd = 0x9E3779B97F4A7C15U;
    constexpr unsigned half = 32;
    const auto mix = [](std::uint64_t x) { return (x ^ (x >> half)) * odd; };
    const std::hash<std::string_view> hash;
    SeriesHash of{hash(line.metric), 0};
    std::uint64_t sum = 0;
    for (const LineTag& tag : line.tags) {
        const std::uint64_t word = mix(hash(tag.word));
        of.as_it_stands = mix(of.as_it_stands * odd + word);
        sum += word;
    }
    of.in_any_order = mix(mix(hash(line.metric)) + sum);
    return of;
}

} // namespace tickertape::cli::lint
