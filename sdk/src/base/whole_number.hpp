// SPDX-License-Identifier: MIT
/// \file
/// Reads whole numbers from text.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <system_error>

namespace tickertape::base {

/// Removes the whole number at the start of `text`, and returns it. Returns nothing, and leaves `text` unchanged, if there is
/// none or if it does not fit into `Number`. Signed types accept a `-`.
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

/// Returns the whole number if `text` is one, with nothing before or after it.
template <std::integral Number>
[[nodiscard]] std::optional<Number> whole_number(std::string_view text, int base = 10) noexcept {
    const std::optional<Number> number = take_whole_number<Number>(text, base);
    return text.empty() ? number : std::nullopt;
}

} // namespace tickertape::base
