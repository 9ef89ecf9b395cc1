// SPDX-License-Identifier: MIT
/// \file
/// Fault: a fault that a line can have. The rules have its effect on each target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tickertape::cli::lint {

enum class Fault : std::uint8_t {
    // The line as bytes.
    first_byte,      ///< of the first line: the server takes the connection for HTTP by it
    line_length,     ///< more than the target reads in one
    wire_length,     ///< more than that once `put ` and the host tag are added
    utf8,            ///< bytes that are no UTF-8
    nul,             ///< a NUL byte
    carriage_return, ///< one that is not at the end
    tab,             ///< or form feed, where only a blank separates
    non_ascii,       ///< valid UTF-8 beyond ASCII
    no_newline,      ///< at the end of the input
    // The line as words.
    blank_line,
    not_put,       ///< begins with another word
    put_prefix,    ///< where there must be none
    stop_command,  ///< a command that ends the connection or the server
    leading_blank, ///< where there must be none
    empty_word,    ///< two blanks where each one separates
    too_few,       ///< words
    // Metric and series.
    metric_character,
    metric_utf8,   ///< bytes that are no UTF-8
    backslash,     ///< at the end of a name
    name_length,   ///< of metric, key or value
    series_length, ///< of metric and tags together
    // The stamp as text. The first that a target minds is told.
    stamp_length, ///< neither 10 nor 13 characters
    stamp_text,   ///< no number
    stamp_plus,
    stamp_exponent,
    stamp_negative,
    stamp_one_digit,
    stamp_bare_point,   ///< `17.` or `.5`
    stamp_zero,         ///< or what is cut down to it
    stamp_milliseconds, ///< 13 digits
    stamp_odd_thousand, ///< 13 digits that do not end in 000
    stamp_digits,       ///< beyond 9999999999999
    stamp_point,        ///< a fraction that is not of 10 and 3 digits
    stamp_fraction,
    stamp_range,  ///< 2^32 to 10^12: neither seconds nor milliseconds of our time
    stamp_old,    ///< by more than 31 days
    stamp_future, ///< by more than 2 days, or tcollector's limit
    // The value as text. The first that a target minds is told.
    value_text, ///< no number at all
    value_nan,
    value_inf,
    value_boolean,
    value_underscore, ///< `1_000`
    value_hex,        ///< `0x1p4`
    value_suffix,     ///< `1.5f`
    value_overflow,   ///< beyond a double
    value_int64,      ///< an integer beyond 64 bits
    value_plus,
    value_bare_point, ///< `.5` or `5.`
    value_integer,    ///< an integer that no double equals
    value_tiny,       ///< smaller than a normal double
    value_digits,     ///< more than 12 that count, behind a point
    // Tags.
    tag_none,
    tag_form, ///< no `=`
    tag_empty,
    tag_character,
    tag_count,
    tag_repeated, ///< a key with two values
    tag_metric,   ///< the key `__name__`
    tag_time,     ///< the key `time`
    // Across lines.
    stamp_poison,      ///< the first of a series lies so far ahead that all others are older
    stamp_unit,        ///< seconds behind milliseconds
    stamp_order,       ///< no newer than the one before
    stamp_repeated,    ///< the same twice
    stamp_overwritten, ///< two values for one stamp
    stamp_conflict,    ///< two encodings for one stamp
    value_spelling,    ///< an equal value in other digits
    tag_order,         ///< the same tags in another order
    silence,           ///< 600 s without a line
    rate,              ///< more lines than go out
    queue,             ///< more lines than wait
    churn,             ///< ever new series with stamps in milliseconds
};

inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::churn) + 1;

/// The stable name that users see: `value-nan`.
[[nodiscard]] std::string_view name_of(Fault fault) noexcept;

/// Of stamp and value the first fault that a target minds is told, as the others follow from it or do not matter then.
[[nodiscard]] constexpr bool is_of_stamp_text(Fault fault) noexcept {
    return fault >= Fault::stamp_length && fault <= Fault::stamp_future;
}
[[nodiscard]] constexpr bool is_of_value_text(Fault fault) noexcept {
    return fault >= Fault::value_text && fault <= Fault::value_digits;
}

} // namespace tickertape::cli::lint
