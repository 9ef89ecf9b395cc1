// SPDX-License-Identifier: MIT
/// \file
/// The message with which a parser of a kernel file refuses a text.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include <tickertape/proc/skipped_rows.hpp>

namespace test {

/// For tests that ignore the parser's messages.
inline tickertape::proc::SkippedRows& ignored() {
    static tickertape::proc::SkippedRows rows{[](std::string_view /*sentence*/) {}};
    return rows;
}

/// Returns the first message with which `parse` refuses `text` as the file /p/f, or a row of it; `nothing` if it accepts all.
template <class Parse>
std::string complaint(Parse parse, std::string_view text) {
    using tickertape::proc::SkippedRows;
    std::string first;
    SkippedRows skipped{[&first](std::string_view sentence) {
        constexpr std::string_view end = "; this row is left out";
        if (first.empty()) {
            first = sentence.substr(0, sentence.size() - (sentence.ends_with(end) ? end.size() : 0));
        }
    }};
    try {
        if constexpr (std::is_invocable_v<Parse, std::string_view, std::string_view>) {
            static_cast<void>(parse(text, "/p/f"));
        } else if constexpr (std::is_invocable_v<Parse, std::string_view, std::string_view, SkippedRows&>) {
            static_cast<void>(parse(text, "/p/f", skipped));
        } else if constexpr (requires { parse(text, "/p/f", skipped, {}); }) {
            static_cast<void>(parse(text, "/p/f", skipped, {})); // it takes memory to use again
        } else {
            static_cast<void>(parse(text, "/p/f", {}));
        }
    } catch (const tickertape::proc::ParseError& error) {
        first = first.empty() ? error.what() : first;
    }
    return first.empty() ? "nothing" : first;
}

} // namespace test
