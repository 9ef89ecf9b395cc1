// SPDX-License-Identifier: MIT
/// \file
/// Finds figures and coordinates that are not numbers, in a picture or a report.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace test {

/// For texts that do not contain one of these letters as a word.
[[nodiscard]] inline bool has_no_number(std::string_view text) {
    constexpr std::array<std::string_view, 8> wrong{"nan", " inf", "-inf", "inf%", "inf,", "\"inf\"", ":inf", ">inf<"};
    return std::any_of(wrong.begin(), wrong.end(),
                       [text](std::string_view each) { return text.find(each) != std::string_view::npos; });
}

} // namespace test
