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

/// `text` with `end` in place of `old` at the end of its metric, which ends before the first blank; nothing if that ends otherwise.
[[nodiscard]] inline std::optional<std::string> with_end(std::string_view text, std::string_view old,
                                                         std::string_view end) {
    const std::string_view metric = text.substr(0, text.find(' '));
    if (!metric.ends_with(old)) {
        return std::nullopt;
    }
    return std::string{text}.replace(metric.size() - old.size(), old.size(), end);
}

/// The name of the maxima of the distribution whose p99 `text` names: `m.p99 k=v` has `m.max k=v`.
[[nodiscard]] inline std::optional<std::string> maxima_of(std::string_view text) {
    return with_end(text, p99_end, max_end);
}

} // namespace tickertape::cli::lines
