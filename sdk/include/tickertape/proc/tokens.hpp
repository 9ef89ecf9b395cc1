// SPDX-License-Identifier: MIT
/// \file
/// Tokens: the words of a kernel file, with their positions for messages.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include <tickertape/proc/skipped_rows.hpp>

namespace tickertape::proc {

/// Removes the first line of `text` and returns it, without its end.
[[nodiscard]] inline std::string_view next_line(std::string_view& text) noexcept {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
    return line;
}

/// Returns whether all of `word` is a finite number, and sets `number`. "nan" and "inf" are refused.
template <class Number>
[[nodiscard]] bool to_number(std::string_view word, Number& number) noexcept {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    bool good = error == std::errc{} && end == word.data() + word.size();
    if constexpr (std::floating_point<Number>) {
        good = good && std::isfinite(number);
    }
    return good;
}

/// The words of one line, one after the other.
class Tokens {
public:
    /// `before`: the number of fields that precede `line` in the full line of the file.
    Tokens(std::string_view line, std::string_view file, std::size_t line_number, std::size_t before = 0) noexcept
        : rest_{line}, file_{file}, line_number_{line_number}, field_{before} {}

    /// The next word, empty at the end of the line.
    [[nodiscard]] std::string_view next() noexcept {
        constexpr std::string_view blanks = " \t";
        rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
        const std::string_view word = rest_.substr(0, rest_.find_first_of(blanks));
        rest_.remove_prefix(word.size());
        ++field_;
        return word;
    }

    /// The next word as a number. Throws ParseError if the line ends, or if the word is not a number.
    template <class Number>
    [[nodiscard]] Number number() {
        const std::string_view word = next();
        Number number{};
        if (!to_number(word, number)) {
            refuse(word, "is not a number");
        }
        return number;
    }

    [[nodiscard]] bool at_end() const noexcept { return rest_.find_first_not_of(" \t") == std::string_view::npos; }

    /// Returns whether the next word begins with `c`, or with a digit.
    [[nodiscard]] bool next_is(char c) const noexcept { return first_of_next() == c; }
    [[nodiscard]] bool next_is_digit() const noexcept { return first_of_next() >= '0' && first_of_next() <= '9'; }

    /// The rest of the line, without blanks around it.
    [[nodiscard]] std::string_view rest() const noexcept {
        const std::size_t first = rest_.find_first_not_of(" \t");
        return first == std::string_view::npos ? std::string_view{}
                                               : rest_.substr(first, rest_.find_last_not_of(" \t") + 1 - first);
    }

    /// Skips the first `size` characters of `rest()`, as one word.
    void skip_to(std::size_t size) noexcept {
        rest_ = rest().substr(size);
        ++field_;
    }

    /// Throws ParseError: `FILE:LINE: field N 'WORD' WHAT`.
    [[noreturn]] void refuse(std::string_view word, std::string_view what) const {
        constexpr std::size_t longest = 32;
        std::string sentence{file_};
        sentence.append(":").append(std::to_string(line_number_)).append(": ");
        sentence.append("field ").append(std::to_string(field_)).append(" '");
        for (const char c : word.substr(0, longest)) {
            sentence += c >= ' ' && c <= '~' ? c : '?';
        }
        throw ParseError{sentence.append("' ").append(what)};
    }

    /// Returns the position of the last word in the line.
    [[nodiscard]] std::size_t field() const noexcept { return field_; }

private:
    [[nodiscard]] char first_of_next() const noexcept {
        const std::size_t first = rest_.find_first_not_of(" \t");
        return first == std::string_view::npos ? '\0' : rest_[first];
    }

    std::string_view rest_;
    std::string_view file_;
    std::size_t line_number_;
    std::size_t field_;
};

/// Calls `row(tokens)` for each line of `text` that is not empty. If `row` throws ParseError, the line is left out and counted in
/// `skipped`; so `row` must store nothing before it has read the whole line. Throws ParseError if more than
/// `most_skipped` rows are left out: the text is then probably another file's.
template <class Row>
void each_row(std::string_view text, std::string_view file, SkippedRows& skipped, Row&& row) {
    constexpr std::size_t most_skipped = 1000;
    std::size_t left_out = 0;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = next_line(text);
        Tokens tokens{line, file, number};
        if (tokens.at_end()) {
            continue;
        }
        try {
            row(tokens);
        } catch (const ParseError& error) {
            skipped.add(file, Tokens{line, file, number}.next(), tokens.field(),
                        std::string{error.what()}.append("; this row is left out"));
            if (++left_out > most_skipped) {
                throw ParseError{std::string{file}.append(": has too many rows that cannot be read")};
            }
        }
    }
}

} // namespace tickertape::proc
