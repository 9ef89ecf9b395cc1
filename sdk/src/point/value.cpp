// SPDX-License-Identifier: MIT
#include <tickertape/value.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include <tickertape/name.hpp>

#include "point/value_text.hpp"

namespace tickertape {

namespace {

constexpr double two_to_63 = 9223372036854775808.0;

bool reads_as_integer(const char* begin, const char* end) noexcept {
    return std::none_of(begin, end, [](char c) { return c == '.' || c == 'e'; });
}

// Returns whether the shortest text of `number` has digits only; it is whole and in the range of 64-bit integers. A receiver
// reads such a text as an integer, so it must be one here, too.
bool is_shortest_as_integer(double number) noexcept {
    char text[max_value_text];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    return reads_as_integer(text, end);
}

} // namespace

Value Value::large(double number) {
    const std::optional<Value> value = checked(number);
    if (!value) {
        throw UsageError{std::string{"the value "} +
                         (std::isnan(number) ? "nan"
                          : number > 0       ? "inf"
                                             : "-inf") +
                         " is no finite number; a TSD stores finite numbers only"};
    }
    return *value;
}

std::optional<Value> Value::checked(double number) noexcept {
    if (!std::isfinite(number)) {
        return std::nullopt;
    }
    const bool whole = number >= -two_to_63 && number < two_to_63 && std::trunc(number) == number;
    if (whole && (std::fabs(number) < two_to_53 || is_shortest_as_integer(number))) {
        return Value{static_cast<std::int64_t>(number)};
    }
    Value value;
    value.is_integer_ = false;
    value.bits_ = std::bit_cast<std::uint64_t>(number);
    return value;
}

char* write(Value value, char* out) noexcept { return point::write_value(value, out); }

std::string to_string(Value value) {
    char text[max_value_text];
    return {text, write(value, text)};
}

char* point::write_double(double number, char* out) noexcept {
    char* end = std::to_chars(out, out + max_value_text, number).ptr;
    if (std::fabs(number) >= two_to_63 && reads_as_integer(out, end)) {
        // Beyond the 64-bit integers, OpenTSDB refuses a text without a point or an exponent.
        end = std::to_chars(out, out + max_value_text, number, std::chars_format::scientific).ptr;
    }
    return end;
}

} // namespace tickertape
