// SPDX-License-Identifier: MIT
/// \file
/// What a parser of a kernel file says of a text.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include <proc/root.hpp>

namespace test {

/// The sentence with which `parse` refuses `text` as the file /p/f; `nothing` if it takes it.
template <class Parse>
std::string complaint(Parse parse, std::string_view text) {
    try {
        if constexpr (std::is_invocable_v<Parse, std::string_view, std::string_view>) {
            static_cast<void>(parse(text, "/p/f"));
        } else {
            static_cast<void>(parse(text, "/p/f", {})); // it takes memory to use again
        }
        return "nothing";
    } catch (const tickertape::proc::ParseError& error) {
        return error.what();
    }
}

} // namespace test
