// SPDX-License-Identifier: MIT
#include "cli/lint/bytes.hpp"

#include <algorithm>

namespace tickertape::cli::lint {

namespace {

/// Bytes of the character at the front of `text`, 0 if it is none of UTF-8 as of RFC 3629.
std::size_t length_at_front(std::string_view text) noexcept {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto follows = [&](std::size_t i, unsigned from = 0x80, unsigned to = 0xBF) {
        return byte(i) >= from && byte(i) <= to;
    };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return follows(1) ? 2 : 0;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        const bool second = follows(1, first == 0xE0 ? 0xA0 : 0x80, first == 0xED ? 0x9F : 0xBF);
        return second && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const bool second = follows(1, first == 0xF0 ? 0x90 : 0x80, first == 0xF4 ? 0x8F : 0xBF);
        return second && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

bool is_unicode_white_space(std::string_view character) noexcept {
    constexpr std::array<std::string_view, 8> others{"\u0085", "\u00a0", "\u1680", "\u2028",
                                                     "\u2029", "\u202f", "\u205f", "\u3000"};
    const bool is_en_quad_to_hair_space = character >= "\u2000" && character <= "\u200a" && character.size() == 3;
    return is_en_quad_to_hair_space || std::find(others.begin(), others.end(), character) != others.end();
}

} // namespace

std::uint8_t kinds_in(std::string_view text) noexcept {
    std::uint8_t kinds = 0;
    for (const char c : text) {
        kinds |= kind_of(c);
    }
    return kinds;
}

std::string_view first_not_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = length_at_front(text);
        if (length == 0) {
            constexpr std::size_t shown = 4;
            return text.substr(0, shown);
        }
        text.remove_prefix(length);
    }
    return {};
}

std::size_t characters_in(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

void blank_unicode_white_space(std::string_view text, std::string& out) {
    out.clear();
    while (!text.empty()) {
        const std::string_view character = text.substr(0, std::max<std::size_t>(length_at_front(text), 1));
        out.append(character.size() > 1 && is_unicode_white_space(character) ? " " : character);
        text.remove_prefix(character.size());
    }
}

} // namespace tickertape::cli::lint
