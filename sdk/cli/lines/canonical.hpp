// SPDX-License-Identifier: MIT
/// \file
/// The texts of timestamps and numbers that can be sent as they are. The slow reader of lines, the fast ones and lint share them.
#pragma once

#include <cstddef>
#include <string_view>

namespace tickertape::cli::lines {

inline constexpr std::size_t seconds_digits = 10;
inline constexpr std::size_t milliseconds_digits = 13;

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Returns whether `digits`, a text of digits only, is a timestamp in seconds, up to 2^32 - 1, or in milliseconds, up to the last
/// one whose nanoseconds fit in 63 bits.
[[nodiscard]] constexpr bool is_timestamp(std::string_view digits) noexcept {
    const bool is_seconds = digits.size() == seconds_digits && digits <= "4294967295";
    const bool is_milliseconds = digits.size() == milliseconds_digits && digits <= "9223372036854";
    return (is_seconds || is_milliseconds) && digits.front() != '0';
}

/// The same for a time between 2001 and 2096, which every server reads alike. Looks at the size and the first digit only.
[[nodiscard]] constexpr bool is_usual_timestamp(std::string_view digits) noexcept {
    return (digits.size() == seconds_digits || digits.size() == milliseconds_digits) && digits.front() >= '1' &&
           digits.front() <= '3';
}
static_assert(is_timestamp("3999999999") && is_timestamp("3999999999999"));

/// Returns whether every TSD reads the number: `-1.5e-3`, with a digit on both sides of a point, or an integer that surely fits
/// in 64 bits. It may be beyond the range of a double.
[[nodiscard]] constexpr bool is_plain_number(std::string_view text) noexcept {
    std::size_t at = text.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
        const std::size_t begin = at;
        while (at < text.size() && is_digit(text[at])) {
            ++at;
        }
        return at - begin;
    };
    const std::size_t first = at;
    const std::size_t whole = digits();
    if (whole == 0 || (text[first] == '0' && whole > 1) || text == "-0") {
        return false;
    }
    if (at == text.size()) {
        constexpr std::size_t always_fit = 18;
        return whole <= always_fit;
    }
    if (text[at] == '.') {
        ++at;
        if (digits() == 0) {
            return false;
        }
    }
    if (at < text.size() && text[at] == 'e') {
        ++at;
        at += at < text.size() && (text[at] == '-' || text[at] == '+') ? 1U : 0U;
        return digits() > 0 && at == text.size();
    }
    return at == text.size();
}

} // namespace tickertape::cli::lines
