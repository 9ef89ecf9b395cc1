// SPDX-License-Identifier: MIT
/// \file
/// PutLine: a foreign line, as tcollector or a TSD reads it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tickertape/series.hpp>
#include <tickertape/time.hpp>
#include <tickertape/value.hpp>

namespace tickertape::cli::lines {

/// The fault of a line.
enum class LineFault : std::uint8_t {
    none,
    empty,
    too_long,      ///< more than 1023 characters
    too_few,       ///< fields
    metric,        ///< a character that no metric holds
    stamp,         ///< neither 10 digits of seconds, with or without three decimals, nor 13 of milliseconds
    value,         ///< no number, or none that is finite
    tag,           ///< no `key=value`, or a character that no tag holds
    no_tags,       ///< a put line without any
    too_many_tags, ///< more than 8, the host tag included
    repeated_tag,  ///< a key twice
    cut_off,       ///< no newline after the last line of a pipe, whose writer may have died in the middle of it
};
inline constexpr std::size_t line_faults = 12;

/// Returns one or two words for counts: `bad timestamp`.
[[nodiscard]] std::string_view describe(LineFault fault) noexcept;

/// The fields of a line, as views into it: `[put ]metric stamp value key=value …`.
struct PutLine {
    std::string_view metric{};
    std::string_view stamp{}; ///< `1700000000`, `1700000000250` or `1700000000.250`
    std::string_view value{};
    std::string_view tags{}; ///< from the first to the last, without the blank before; may be empty in tcollector form
    std::uint8_t tag_count = 0;
    bool has_put = false;
    bool has_host = false;
    /// Single blanks between the fields and none elsewhere, and a timestamp and a number as every TSD reads them: the bytes
    /// can be sent as they are.
    bool is_canonical = true;

    /// Returns the timestamp as a time.
    [[nodiscard]] WallTime time() const noexcept;
    [[nodiscard]] Series::Precision precision() const noexcept {
        return stamp.size() > 10 ? Series::Precision::milliseconds : Series::Precision::seconds;
    }
    [[nodiscard]] Value number() const noexcept;
    /// Appends the value in a form that every TSD and JSON accept, with as few changes of its text as possible. OpenTSDB stores it
    /// as an integer or a float, as it would store the original: `1.0` is not `1`.
    void append_value(std::string& out) const;
    /// Appends the timestamp as 10 digits of seconds or 13 of milliseconds.
    void append_digits_of_stamp(std::string& out) const;
};

/// A fault of a line, and the word that has it.
struct LineError {
    LineFault fault = LineFault::none;
    std::string_view token{}; ///< the wrong word, or empty
};

/// Reads `line`, which has no newline at its end; a carriage return there is ignored. Fills `out` if there is no fault.
/// Several blanks in a row count as one. Does not allocate.
[[nodiscard]] LineError read_put_line(std::string_view line, PutLine& out) noexcept;

/// Returns a text for messages, such as `bad timestamp '12x'`.
[[nodiscard]] std::string to_string(const LineError& error);

} // namespace tickertape::cli::lines
