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

/// Thrown for misuse at start-up: an illegal name, an impossible combination of options. `what()` is one full
/// sentence that names the bad input and a correct one.
class UsageError : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

/// Returns whether a metric, tag key or tag value may hold `c`: a letter, a digit or one of `- _ . /`, all ASCII.
/// The set is OpenTSDB's and tcollector's.
[[nodiscard]] constexpr bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '/';
}

/// The position of the first illegal character, counted from 0, or `npos`. An empty text has no illegal character, but is
/// not a name either.
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

constexpr void check_literal(std::string_view text) {
    if (text.empty()) {
        empty_name_literal();
    }
    if (find_illegal(text) != std::string_view::npos) {
        illegal_character_in_name_literal();
    }
}

/// Appears in the compiler's message about a literal that was forwarded and so is not constant where it is used.
struct a_forwarded_literal_needs_the_suffix_name {};

} // namespace point

/// The name of a metric or the key of a tag. It borrows its text, so use it as a parameter and do not store it. The compiler checks
/// literals: an illegal literal does not compile. Illegal run-time text is found where it is used: constructors at start-up
/// (Series, Tags, counters, handles) throw UsageError; a call that records drops the value, counts
/// it, and reports the name once.
///
/// A literal that a function template forwards (`emplace_back`, `make_unique`, `try_emplace`) is not a constant for the
/// compiler. Write it as `"a.metric"_name`.
///
/// A `char` array that is filled at run time is not a literal: pass `std::string_view{array}`.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class Name {
public:
    template <std::size_t N, class Hint = point::a_forwarded_literal_needs_the_suffix_name>
    consteval Name(const char (&literal)[N]) : text_{literal, N - 1} { // NOLINT(*-explicit-*): `{"a.metric"}` is meant
        point::check_literal(text_);
    }

    template <class Text>
        requires(std::convertible_to<const Text&, std::string_view> && !std::is_array_v<Text>)
    constexpr Name(const Text& text) : text_{text} {} // NOLINT(*-explicit-*): run-time text enters here

    /// As it was given, legal or not.
    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }
    /// The same; throws UsageError if it is illegal.
    [[nodiscard]] constexpr std::string_view checked() const {
        if (text_.empty() || find_illegal(text_) != std::string_view::npos) {
            point::refuse_name(text_);
        }
        return text_;
    }

private:
    std::string_view text_;
};

inline namespace literals {

/// `"a.metric"_name`: a Name that the compiler has checked, for literals that are forwarded.
[[nodiscard]] consteval Name operator""_name(const char* text, std::size_t size) {
    point::check_literal({text, size});
    return Name{std::string_view{text, size}};
}

} // namespace literals

} // namespace tickertape
