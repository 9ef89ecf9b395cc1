// SPDX-License-Identifier: MIT
/// \file
/// The input of `tickertape burst`, and counts of lines that it could not use.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/lines/line_store.hpp"

namespace tickertape::cli::burst {

/// The whole input.
struct BurstInput {
    const lines::LineStore& store;
    std::chrono::milliseconds dedup;
    std::vector<std::string> sources; ///< names of files; `-` is standard input
};

/// The self-metric of collectors that counts smeared buckets.
inline constexpr std::string_view smeared_metric = "tickertape.buckets.smeared";

/// The number of smeared buckets of a collector, named by its tags, in the time of the input.
struct Smeared {
    std::string tags;
    double buckets = 0;
};
[[nodiscard]] std::vector<Smeared> smeared_of(const BurstInput& input);

/// Returns the number of chosen series.
[[nodiscard]] std::size_t series_of(const BurstInput& input);

/// Returns sentences about the input: lines, series, unused lines with the reason, smeared buckets.
[[nodiscard]] std::vector<std::string> account_of(const BurstInput& input);

/// Returns a sentence about the values that were assumed to be held back; empty if there are none.
[[nodiscard]] std::string dedup_note(const BurstInput& input);

} // namespace tickertape::cli::burst
