// SPDX-License-Identifier: MIT
/// \file
/// Whether a picture or a report has a figure or a coordinate that is no number.
#pragma once

#include <string_view>

namespace test {

/// Of texts that have none of these letters as a word for themselves.
[[nodiscard]] inline bool has_no_number(std::string_view text) {
    for (const std::string_view wrong : {"nan", " inf", "-inf", "inf%", "inf,", "\"inf\"", ":inf", ">inf<"}) {
        if (text.find(wrong) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

} // namespace test
