// SPDX-License-Identifier: MIT
/// \file
/// Writes most values with a few multiplications, without a branch for each digit.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <tickertape/value.hpp>

namespace tickertape::point {

/// Returns the digits of a number below 10^8, with leading zeros, as eight bytes from 0 to 9. The first digit is the lowest byte.
constexpr std::uint64_t eight_digits(std::uint32_t number) noexcept {
    // Splits into four digits in each half, then two in each quarter, then one in each byte. The multiplications divide by 100
    // and by 10, exactly for numbers of this size. The masks remove bits that come from the neighbouring lane.
    const std::uint64_t fours = number / 10'000 | std::uint64_t{number % 10'000} << 32U;
    const std::uint64_t hundreds = (fours * 5243 >> 19U) & 0x0000'007f'0000'007fU;
    const std::uint64_t twos = hundreds | (fours - hundreds * 100) << 16U;
    const std::uint64_t tens = (twos * 103 >> 10U) & 0x000f'000f'000f'000fU;
    return tens | (twos - tens * 10) << 8U;
}

inline constexpr std::uint64_t eight_zeros = 0x3030'3030'3030'3030U;

/// Writes eight characters; the first one is the lowest byte.
inline void write_eight(std::uint64_t characters, char* out) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
        std::memcpy(out, &characters, sizeof characters);
    } else {
        for (std::size_t i = 0; i < sizeof characters; ++i) {
            out[i] = static_cast<char>(characters >> 8 * i);
        }
    }
}

/// The numbers from 00 to 99.
inline constexpr std::array<char, 200> two_digits = [] {
    std::array<char, 200> text{};
    for (std::size_t i = 0; i < text.size(); i += 2) {
        text[i] = static_cast<char>('0' + i / 20);
        text[i + 1] = static_cast<char>('0' + i / 2 % 10);
    }
    return text;
}();

/// Writes a number below 100 in two digits.
inline void write_two_digits(std::uint32_t number, char* out) noexcept {
    std::memcpy(out, two_digits.data() + std::size_t{2} * number, 2);
}

inline constexpr std::uint64_t ten_to_8 = 100'000'000;

/// Writes a number below 10^8 in eight digits.
inline char* write_eight_digits(std::uint64_t number, char* out) noexcept {
    write_eight(eight_digits(static_cast<std::uint32_t>(number)) | eight_zeros, out);
    return out + 8;
}

/// Writes a number below 10^8 in decimal, and returns the end of its text. It always overwrites eight characters.
inline char* write_up_to_eight_digits(std::uint64_t number, char* out) noexcept {
    const std::uint64_t digits = eight_digits(static_cast<std::uint32_t>(number));
    constexpr std::uint64_t last = std::uint64_t{1} << 56U; // keeps the last digit of a 0
    const int leading_zeros = std::countr_zero(digits | last) / 8;
    write_eight((digits | eight_zeros) >> 8 * leading_zeros, out);
    return out + (8 - leading_zeros);
}

/// Writes `number` in decimal, and returns the end of its text. It may overwrite up to 24 characters.
inline char* write_digits(std::uint64_t number, char* out) noexcept {
    if (number < ten_to_8) [[likely]] {
        return write_up_to_eight_digits(number, out);
    }
    const std::uint64_t above = number / ten_to_8;
    if (above < ten_to_8) {
        return write_eight_digits(number % ten_to_8, write_up_to_eight_digits(above, out));
    }
    out = write_up_to_eight_digits(above / ten_to_8, out);
    return write_eight_digits(number % ten_to_8, write_eight_digits(above % ten_to_8, out));
}

/// Writes `number` if it has at most six decimals and 15 digits, and is so large that no text with an exponent is shorter.
/// Otherwise returns null. This is the shortest text: two decimal numbers of up to 15 digits are never the same double, so no
/// other text of as few digits reads back as `number`.
inline char* write_six_decimals(double number, char* out) noexcept {
    constexpr double millionth_parts = 1e6;
    const double magnitude = std::fabs(number);
    if (magnitude < 1e-3 || magnitude >= 1e9) {
        return nullptr;
    }
    // NOLINTNEXTLINE(bugprone-incorrect-roundings): one that is rounded wrong is found out below
    const auto millionths = static_cast<std::int64_t>(magnitude * millionth_parts + 0.5);
    // Both are exact doubles, so the quotient is the double nearest to the decimal text.
    if (static_cast<double>(millionths) / millionth_parts != magnitude) {
        return nullptr;
    }
    const auto all = static_cast<std::uint64_t>(millionths);
    const auto part = static_cast<std::uint32_t>(all % 1'000'000);
    if (part == 0) {
        return nullptr; // a whole number
    }
    *out = '-';
    out = write_digits(all / 1'000'000, number < 0 ? out + 1 : out);
    *out++ = '.';
    const std::uint64_t digits = eight_digits(part * 100);
    write_eight(digits | eight_zeros, out);
    return out + (8 - std::countl_zero(digits) / 8);
}

inline char* write_integer(std::int64_t number, char* out) noexcept {
    const auto bits = static_cast<std::uint64_t>(number);
    *out = '-';
    return number < 0 ? write_digits(-bits, out + 1) : write_digits(bits, out);
}

/// Writes a double that is neither whole nor of few digits.
char* write_double(double number, char* out) noexcept;

/// Does the same as tickertape::write, inlined.
inline char* write_value(Value value, char* out) noexcept {
    if (value.is_integer()) {
        return write_integer(value.integer(), out);
    }
    char* const end = write_six_decimals(value.as_double(), out);
    return end != nullptr ? end : write_double(value.as_double(), out);
}

} // namespace tickertape::point
