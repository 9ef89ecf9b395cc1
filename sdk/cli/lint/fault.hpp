// SPDX-License-Identifier: MIT
/// \file
/// Fault: a property of a line that may harm it. The rules name the effect on each target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tickertape::cli::lint {

enum class Fault : std::uint8_t {
    // The bytes of the line.
    first_byte,      ///< the first byte of the input makes the server take the connection for HTTP
    line_length,     ///< more than the target reads as one line
    wire_length,     ///< too long once `put ` and the host tag are added
    utf8,            ///< bytes that are not UTF-8
    nul,             ///< a NUL byte
    carriage_return, ///< a carriage return that is not at the end
    tab,             ///< a tab or form feed, where only a blank separates
    non_ascii,       ///< valid UTF-8 beyond ASCII
    no_newline,      ///< the input ends without a newline
    // The words of the line.
    blank_line,
    not_put,       ///< begins with a word other than `put`
    put_prefix,    ///< `put` where the target expects none
    stop_command,  ///< a command that ends the connection or the server
    leading_blank, ///< a blank at the start, where the target expects none
    empty_word,    ///< two blanks, where each blank separates
    too_few,       ///< too few words
    // The metric and the series.
    metric_character,
    metric_utf8,   ///< a metric with bytes that are not UTF-8
    backslash,     ///< a name ends with a backslash
    name_length,   ///< a metric, key or value is too long
    series_length, ///< metric and tags together are too long
    // The text of the timestamp. Only the first fault for which the target has a rule is reported.
    stamp_length, ///< neither 10 nor 13 characters
    stamp_text,   ///< not a number
    stamp_plus,
    stamp_exponent,
    stamp_negative,
    stamp_one_digit,
    stamp_bare_point,   ///< `17.` or `.5`
    stamp_zero,         ///< 0, or a text of which the target reads only a 0
    stamp_milliseconds, ///< 13 digits
    stamp_odd_thousand, ///< 13 digits that do not end in 000
    stamp_digits,       ///< beyond 9999999999999
    stamp_point,        ///< a point, but not after 10 digits and before 3
    stamp_fraction,
    stamp_range,  ///< 2^32 to 10^12: neither seconds nor milliseconds of our time
    stamp_old,    ///< more than 31 days ago
    stamp_future, ///< more than 2 days ahead, or beyond tcollector's limit
    // The text of the value. Only the first fault for which the target has a rule is reported.
    value_text, ///< not a number at all
    value_nan,
    value_inf,
    value_boolean,
    value_underscore, ///< `1_000`
    value_hex,        ///< `0x1p4`
    value_suffix,     ///< `1.5f`
    value_overflow,   ///< beyond the range of a double
    value_int64,      ///< an integer of more than 64 bits
    value_plus,
    value_bare_point, ///< `.5` or `5.`
    value_integer,    ///< an integer that a double cannot hold exactly
    value_tiny,       ///< smaller than a normal double
    value_digits,     ///< more than 12 significant digits, with a point
    // Tags.
    tag_none,
    tag_form, ///< a tag without `=`
    tag_empty,
    tag_character,
    tag_count,
    tag_repeated, ///< one key with two values
    tag_metric,   ///< the key `__name__`
    tag_time,     ///< the key `time`
    // Depends on earlier lines.
    stamp_poison,      ///< the first timestamp of a series is so far ahead that all later points are older
    stamp_unit,        ///< seconds after milliseconds
    stamp_order,       ///< not newer than the point before
    stamp_repeated,    ///< the same point twice
    stamp_overwritten, ///< two values for one timestamp
    stamp_conflict,    ///< two encodings for one timestamp
    value_spelling,    ///< the same number in other digits
    tag_order,         ///< the same tags in another order
    silence,           ///< no line for 600 s
    rate,              ///< more lines a second than tcollector sends
    queue,             ///< more lines wait than tcollector's queue holds
    churn,             ///< new series all the time, with timestamps in milliseconds
};

inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::churn) + 1;

/// Returns the stable name that users see, such as `value-nan`.
[[nodiscard]] std::string_view name_of(Fault fault) noexcept;

/// Returns whether this is a fault of a timestamp's text. Of these, and of those of a value's text, only the first one is
/// reported: the others follow from it, or have no effect then.
[[nodiscard]] constexpr bool is_of_stamp_text(Fault fault) noexcept {
    return fault >= Fault::stamp_length && fault <= Fault::stamp_future;
}
[[nodiscard]] constexpr bool is_of_value_text(Fault fault) noexcept {
    return fault >= Fault::value_text && fault <= Fault::value_digits;
}

} // namespace tickertape::cli::lint
