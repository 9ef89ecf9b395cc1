// SPDX-License-Identifier: MIT
/// \file
/// The series of a distribution that belong together: its p99 and its maximum.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tickertape::cli::lines {

inline constexpr std::string_view p99_end = ".p99";
inline constexpr std::string_view max_end = ".max";

/// Returns `text` with `end` in place of `old` at the end of its metric (the part before the first blank), or nothing if it has no `old`
/// there.
[[nodiscard]] inline std::optional<std::string> with_end(std::string_view text, std::string_view old,
                                                         std::string_view end) {
    const std::string_view metric = text.substr(0, text.find(' '));
    if (!metric.ends_with(old)) {
        return std::nullopt;
    }
    return std::string{text}.replace(metric.size() - old.size(), old.size(), end);
}

/// Returns the name of the maxima that belong to the p99 `text`: `m.max k=v` for `m.p99 k=v`. Nothing for other names.
[[nodiscard]] inline std::optional<std::string> maxima_of(std::string_view text) {
    return with_end(text, p99_end, max_end);
}

} // namespace tickertape::cli::lines
