// SPDX-License-Identifier: MIT
/// \file
/// Tokens: the words of a kernel file, with their places for error sentences.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include "proc/root.hpp"

namespace tickertape::proc {

/// Up to the next line end, without it; `text` is moved behind it.
[[nodiscard]] inline std::string_view next_line(std::string_view& text) noexcept {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
    return line;
}

/// The words of one line, one after the other.
class Tokens {
public:
    Tokens(std::string_view line, std::string_view file, std::size_t line_number) noexcept
        : rest_{line}, file_{file}, line_number_{line_number} {}

    /// The next word, empty at the end of the line.
    [[nodiscard]] std::string_view next() noexcept {
        constexpr std::string_view blanks = " \t";
        rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
        const std::string_view word = rest_.substr(0, rest_.find_first_of(blanks));
        rest_.remove_prefix(word.size());
        ++field_;
        return word;
    }

    /// The next word as a number. Throws ParseError if there is none, or something else.
    template <class Number>
    [[nodiscard]] Number number() {
        const std::string_view word = next();
        Number number{};
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        bool good = error == std::errc{} && end == word.data() + word.size();
        if constexpr (std::floating_point<Number>) {
            good = good && std::isfinite(number); // "nan" and "inf" are read, too
        }
        if (!good) {
            refuse(word, "is not a number");
        }
        return number;
    }

    [[nodiscard]] bool at_end() const noexcept { return rest_.find_first_not_of(" \t") == std::string_view::npos; }

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

private:
    std::string_view rest_;
    std::string_view file_;
    std::size_t line_number_;
    std::size_t field_ = 0;
};

} // namespace tickertape::proc
