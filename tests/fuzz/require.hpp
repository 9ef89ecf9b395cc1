// SPDX-License-Identifier: MIT
/// \file
/// The failure of a fuzzing target when a promise is broken.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace fuzz {

/// Ends the program. libFuzzer reports this as a crash, and CTest as a failure.
inline void require(bool good) {
    if (!good) {
        std::abort();
    }
}

[[nodiscard]] inline bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

} // namespace fuzz
