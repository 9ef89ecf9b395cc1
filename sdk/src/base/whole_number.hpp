// SPDX-License-Identifier: MIT
/// \file
/// Whole numbers out of text.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>

namespace tickertape::base {

/// The whole number that `text` begins with, which is removed from it. Nothing, and `text` as it was, if it begins with none or
/// with one that is too large for `Number`. A sign is a `-`, for signed types.
template <std::integral Number>
[[nodiscard]] std::optional<Number> take_whole_number(std::string_view& text, int base = 10) noexcept {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

/// The whole number that `text` is, with nothing before or behind it.
template <std::integral Number>
[[nodiscard]] std::optional<Number> whole_number(std::string_view text, int base = 10) noexcept {
    const std::optional<Number> number = take_whole_number<Number>(text, base);
    return text.empty() ? number : std::nullopt;
}

} // namespace tickertape::base
