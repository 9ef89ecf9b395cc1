// SPDX-License-Identifier: MIT
/// \file
/// Names: the text of metrics, tag keys and tag values, checked where it enters.
#pragma once

#include <concepts>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace tickertape {

/// Misuse that is found at start-up: an illegal name, an impossible combination of options. `what()` is one full
/// sentence that names the bad input and what would be right.
class UsageError : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

/// Whether a metric, tag key or tag value may hold `c`: a letter, a digit or one of `- _ . /`, all ASCII.
/// The set is OpenTSDB's and tcollector's.
[[nodiscard]] constexpr bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '/';
}

/// The place of the first character that no name may hold, counted from 0, or `npos`. An empty text has none, but is
/// no name either.
[[nodiscard]] constexpr std::size_t find_illegal(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_name_character(text[i])) {
            return i;
        }
    }
    return std::string_view::npos;
}

/// Repairs run-time text on request: each illegal byte becomes `_`, an empty text becomes `_`.
/// Different texts can become the same name; allocates.
[[nodiscard]] std::string sanitize(std::string_view text);

namespace point {

/// Throws UsageError that names `text`, the offending character and its position (1 = the first).
[[noreturn]] void refuse_name(std::string_view text);

// Not constexpr on purpose: reached only when a literal is illegal, which then does not compile with this name in the
// compiler's message.
void illegal_character_in_name_literal();
void empty_name_literal();

} // namespace point

/// A checked, borrowed name: a parameter type, not one to keep. A literal is checked by the compiler, so that an illegal
/// one does not compile; run-time text is checked at once and refused with UsageError.
///
/// A `char` array that is filled at run time is not a literal: pass `std::string_view{array}`.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class Name {
public:
    template <std::size_t N>
    consteval Name(const char (&literal)[N]) : text_{literal, N - 1} { // NOLINT(*-explicit-*): `{"a.metric"}` is meant
        if (text_.empty()) {
            point::empty_name_literal();
        }
        if (find_illegal(text_) != std::string_view::npos) {
            point::illegal_character_in_name_literal();
        }
    }

    template <class Text>
        requires(std::convertible_to<const Text&, std::string_view> && !std::is_array_v<Text>)
    constexpr Name(const Text& text) : text_{text} { // NOLINT(*-explicit-*): run-time text enters here
        if (text_.empty() || find_illegal(text_) != std::string_view::npos) {
            point::refuse_name(text_);
        }
    }

    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

private:
    std::string_view text_;
};

} // namespace tickertape
