// SPDX-License-Identifier: MIT
#include "cli/lint/bytes.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "base/utf8.hpp"
#include "cli/lines/name_mask.hpp"

namespace tickertape::cli::lint {

namespace {

bool is_unicode_white_space(std::string_view character) noexcept {
    constexpr std::array<std::string_view, 8> others{"\u0085", "\u00a0", "\u1680", "\u2028",
                                                     "\u2029", "\u202f", "\u205f", "\u3000"};
    const bool is_en_quad_to_hair_space = character >= "\u2000" && character <= "\u200a" && character.size() == 3;
    return is_en_quad_to_hair_space || std::find(others.begin(), others.end(), character) != others.end();
}

} // namespace

std::uint8_t kinds_in(std::string_view text) noexcept {
    std::uint8_t kinds = 0;
    while (text.size() >= lines::mask_bytes / 2) { // fewer are looked at one by one
        std::array<char, lines::mask_bytes> copy{};
        const std::size_t size = std::min(text.size(), copy.size());
        std::copy_n(text.begin(), size, copy.begin());
        constexpr std::uint64_t all = ~std::uint64_t{0};
        const std::uint64_t valid = size == copy.size() ? all : (std::uint64_t{1} << size) - 1;
        const std::uint64_t mask = lines::name_mask(copy.data()) & valid;
        kinds |= mask != valid ? name_byte : std::uint8_t{0};
        for (std::uint64_t left = mask; left != 0; left &= left - 1) {
            kinds |= kind_of(copy.at(static_cast<std::size_t>(std::countr_zero(left))));
        }
        text.remove_prefix(size);
    }
    for (const char c : text) {
        kinds |= kind_of(c);
    }
    return kinds;
}

std::string_view first_not_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = base::utf8_length(text);
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
        const std::string_view character = text.substr(0, std::max<std::size_t>(base::utf8_length(text), 1));
        out.append(character.size() > 1 && is_unicode_white_space(character) ? " " : character);
        text.remove_prefix(character.size());
    }
}

} // namespace tickertape::cli::lint
