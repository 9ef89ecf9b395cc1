// SPDX-License-Identifier: MIT
#include <tickertape/name.hpp>

#include <algorithm>

#include "base/quote.hpp"

namespace tickertape {

std::string sanitize(std::string_view text) {
    if (text.empty()) {
        return "_";
    }
    std::string repaired{text};
    std::replace_if(repaired.begin(), repaired.end(), [](char c) { return !is_name_character(c); }, '_');
    return repaired;
}

namespace point {

void refuse_name(std::string_view text) {
    if (text.empty()) {
        throw UsageError{"the name '' is empty; it needs at least one letter, digit or - _ . /"};
    }
    const std::size_t place = find_illegal(text);
    throw UsageError{"the name " + base::quote(text) + " has the illegal character " +
                     base::quote(text.substr(place, 1)) + " at position " + std::to_string(place + 1) +
                     "; letters, digits and - _ . / are allowed"};
}

void illegal_character_in_name_literal() {}
void empty_name_literal() {}

} // namespace point

} // namespace tickertape
