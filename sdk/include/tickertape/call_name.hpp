// SPDX-License-Identifier: MIT
/// \file
/// CallName, CallTag: names in calls that must not throw.
#pragma once

#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>

#include <tickertape/name.hpp>

namespace tickertape {

/// A name in a call that is made all the time; borrows. A literal is checked by the compiler, as everywhere; an illegal
/// run-time text costs what the call was to record, and throws nothing.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class CallName {
public:
    template <std::size_t N>
    consteval CallName(const char (&literal)[N]) : text_{Name{literal}.text()} {} // NOLINT(*-explicit-*)

    template <class Text>
        requires(std::convertible_to<const Text&, std::string_view> && !std::is_array_v<Text>)
    constexpr CallName(const Text& text) : text_{text} {} // NOLINT(*-explicit-*): run-time text enters here

    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

private:
    std::string_view text_;
};

/// One `key=value` pair of such a call; borrows its texts.
struct CallTag {
    CallName key;
    CallName value;
};

} // namespace tickertape
