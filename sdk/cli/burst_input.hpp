// SPDX-License-Identifier: MIT
/// \file
/// What `tickertape burst` read, and what it could not use.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "burst/line_store.hpp"

namespace tickertape::cli {

/// The input, read to its end.
struct BurstInput {
    const burst::LineStore& store;
    std::chrono::milliseconds dedup;
    std::vector<std::string> sources; ///< the files' names; `-` is standard input
};

/// In words: lines, series, what was not used and why, what smeared.
[[nodiscard]] std::vector<std::string> account_of(const BurstInput& input);

/// What was taken for held back, in words; empty if nothing could be.
[[nodiscard]] std::string dedup_note(const BurstInput& input);

} // namespace tickertape::cli
