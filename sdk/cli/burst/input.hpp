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

/// The input, read to its end.
struct BurstInput {
    const lines::LineStore& store;
    std::chrono::milliseconds dedup;
    std::vector<std::string> sources; ///< the files' names; `-` is standard input
};

/// The self-metric of collectors that counts buckets whose values are shares.
inline constexpr std::string_view smeared_metric = "tickertape.buckets.smeared";

/// How many buckets of a collector, named by its tags, smeared in the time of the input.
struct Smeared {
    std::string tags;
    double buckets = 0;
};
[[nodiscard]] std::vector<Smeared> smeared_of(const BurstInput& input);

/// The series that were asked for.
[[nodiscard]] std::size_t series_of(const BurstInput& input);

/// In words: lines, series, what was not used and why, what smeared.
[[nodiscard]] std::vector<std::string> account_of(const BurstInput& input);

/// The values that were taken for held back, in words; empty if there can be none.
[[nodiscard]] std::string dedup_note(const BurstInput& input);

} // namespace tickertape::cli::burst
