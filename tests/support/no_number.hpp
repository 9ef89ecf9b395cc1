// SPDX-License-Identifier: MIT
/// \file
/// Finds figures and coordinates that are not numbers, in a picture or a report.
#pragma once

#include <string_view>

namespace test {

/// For texts that do not contain one of these letters as a word.
[[nodiscard]] inline bool has_no_number(std::string_view text) {
    for (const std::string_view wrong : {"nan", " inf", "-inf", "inf%", "inf,", "\"inf\"", ":inf", ">inf<"}) {
        if (text.find(wrong) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

} // namespace test
