// SPDX-License-Identifier: MIT
/// \file
/// The kinds of bytes in a line.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tickertape/name.hpp>

namespace tickertape::cli::lint {

// Kinds of bytes; they can be combined.
inline constexpr std::uint8_t name_byte = 1;      ///< `-_./a-zA-Z0-9`
inline constexpr std::uint8_t blank_byte = 2;     ///< the blank itself, 0x20
inline constexpr std::uint8_t white_byte = 4;     ///< tab, vertical tab, form feed, carriage return
inline constexpr std::uint8_t separator_byte = 8; ///< 0x1c to 0x1f: white space for Python only
inline constexpr std::uint8_t high_byte = 16;     ///< not ASCII
inline constexpr std::uint8_t latin_letter = 32;  ///< a byte beyond ASCII that is a letter in Latin-1
inline constexpr std::uint8_t nul_byte = 64;
inline constexpr std::uint8_t other_byte = 128;

[[nodiscard]] constexpr std::uint8_t kind_of_code(std::size_t c) noexcept {
    if (c < 128 && is_name_character(static_cast<char>(c))) {
        return name_byte;
    }
    if (c >= 0x80) {
        const bool is_letter = c == 0xAA || c == 0xB5 || c == 0xBA || (c >= 0xC0 && c != 0xD7 && c != 0xF7);
        return is_letter ? high_byte | latin_letter : high_byte;
    }
    if (c >= 0x1C && c <= 0x1F) {
        return separator_byte;
    }
    switch (c) {
    case 0: return nul_byte;
    case ' ': return blank_byte;
    case '\t':
    case '\v':
    case '\f':
    case '\r': return white_byte;
    default: return other_byte;
    }
}

inline constexpr std::array<std::uint8_t, 256> byte_kinds = [] {
    std::array<std::uint8_t, 256> kinds{};
    for (std::size_t c = 0; c < kinds.size(); ++c) {
        kinds[c] = kind_of_code(c);
    }
    return kinds;
}();

[[nodiscard]] constexpr std::uint8_t kind_of(char c) noexcept { return byte_kinds[static_cast<unsigned char>(c)]; }

/// Returns the kinds of all bytes of `text`, combined.
[[nodiscard]] std::uint8_t kinds_in(std::string_view text) noexcept;

/// Returns the first bytes of `text` that are not UTF-8; empty if all of it is UTF-8.
[[nodiscard]] std::string_view first_not_utf8(std::string_view text) noexcept;

/// Returns the number of characters in UTF-8.
[[nodiscard]] std::size_t characters_in(std::string_view text) noexcept;

/// Appends `text`, which is UTF-8, with blanks in place of Unicode's white space beyond ASCII: Python and Go split words there,
/// too.
void blank_unicode_white_space(std::string_view text, std::string& out);

} // namespace tickertape::cli::lint
