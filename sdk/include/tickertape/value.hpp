// SPDX-License-Identifier: MIT
/// \file
/// Values: 64-bit integers and doubles, each number with exactly one text.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace tickertape {

/// A finite number in canonical form. A double that is whole and below 2^53 in magnitude becomes an integer (so `1.0` and
/// `-0.0` are `1` and `0`), because for a TSD `1` and `1.0` are two different points. A larger double becomes an integer if its shortest
/// text has digits only, because a receiver reads that text as an integer.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class Value {
public:
    constexpr Value() noexcept = default;

    /// An unsigned number above 2^63 - 1 becomes the nearest double: a TSD's integers are signed.
    template <std::integral Integer>
        requires(!std::same_as<Integer, bool> && sizeof(Integer) <= sizeof(std::uint64_t))
    constexpr Value(Integer number) noexcept // NOLINT(*-explicit-*): a number is a value
        : bits_{static_cast<std::uint64_t>(number)} {
        if constexpr (std::unsigned_integral<Integer> && sizeof(Integer) == sizeof(bits_)) {
            if (number > static_cast<Integer>(INT64_MAX)) {
                is_integer_ = false;
                bits_ = std::bit_cast<std::uint64_t>(static_cast<double>(number));
            }
        }
    }

    /// Throws UsageError for nan and infinities. If they can occur, use `checked`.
    Value(double number) { // NOLINT(*-explicit-*): a number is a value
        if (number > -two_to_53 && number < two_to_53) [[likely]] {
            const auto whole = static_cast<std::int64_t>(number);
            is_integer_ = static_cast<double>(whole) == number;
            bits_ = is_integer_ ? static_cast<std::uint64_t>(whole) : std::bit_cast<std::uint64_t>(number);
        } else {
            *this = large(number);
        }
    }

    /// The value of `number`, or nothing for nan and infinities, which no TSD stores.
    [[nodiscard]] static std::optional<Value> checked(double number) noexcept;
    template <std::integral Integer>
        requires(!std::same_as<Integer, bool>)
    [[nodiscard]] static constexpr std::optional<Value> checked(Integer number) noexcept {
        return Value{number};
    }

    [[nodiscard]] constexpr bool is_integer() const noexcept { return is_integer_; }
    /// The number, if `is_integer()`.
    [[nodiscard]] constexpr std::int64_t integer() const noexcept { return static_cast<std::int64_t>(bits_); }
    /// The number as a double, rounded to the nearest for integers beyond 2^53.
    [[nodiscard]] constexpr double as_double() const noexcept {
        return is_integer_ ? static_cast<double>(integer()) : std::bit_cast<double>(bits_);
    }

    /// Same number, same text.
    friend constexpr bool operator==(Value, Value) noexcept = default;

private:
    static constexpr double two_to_53 = 9007199254740992.0;
    static Value large(double number);

    std::uint64_t bits_ = 0;
    bool is_integer_ = true;
};

/// The most characters `write` needs.
inline constexpr std::size_t max_value_text = 24;

/// Writes the one text of `value` at `out`, which has room for `max_value_text` characters, and returns its end. Integers
/// in decimal; other numbers as the shortest text that reads back as the same double, a digit on both sides of any point,
/// no leading `+` (std::to_chars), beyond the 64-bit integers always with an exponent. Free of locale; does not allocate.
char* write(Value value, char* out) noexcept;

[[nodiscard]] std::string to_string(Value value);

} // namespace tickertape
