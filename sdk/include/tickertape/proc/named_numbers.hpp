// SPDX-License-Identifier: MIT
/// \file
/// Kernel files whose lines are a name and a number.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// A line `NAME NUMBER`.
struct NamedNumber {
    std::string_view name; ///< points into the text
    std::uint64_t number;
};

/// Reads lines `NAME NUMBER`; further columns and empty lines are ignored. Throws ParseError that names `file`, line and token,
/// also for a text without any line. Pure.
[[nodiscard]] std::vector<NamedNumber> parse_named_numbers(std::string_view text, std::string_view file,
                                                           SkippedRows& skipped, std::vector<NamedNumber> rows = {});

} // namespace tickertape::proc
