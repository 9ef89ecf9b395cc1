// SPDX-License-Identifier: MIT
/// \file
/// concat: joins the parts of a sentence.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace tickertape::base {

inline void append_part(std::string& out, std::string_view part) { out.append(part); }
inline void append_part(std::string& out, char part) { out.push_back(part); }
template <std::integral Number>
void append_part(std::string& out, Number part) {
    out.append(std::to_string(part));
}

/// Joins texts, characters and whole numbers. (For `"text" + std::to_string(n)` GCC 12 warns of an overlap that does not exist,
/// and it has no std::format.)
template <class... Part>
[[nodiscard]] std::string concat(const Part&... part) {
    std::string all;
    (append_part(all, part), ...);
    return all;
}

} // namespace tickertape::base
