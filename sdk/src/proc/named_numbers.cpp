// SPDX-License-Identifier: MIT
#include <tickertape/proc/named_numbers.hpp>

#include <tickertape/proc/tokens.hpp>

#include "base/concat.hpp"

namespace tickertape::proc {

std::vector<NamedNumber> parse_named_numbers(std::string_view text, std::string_view file, SkippedRows& skipped,
                                             std::vector<NamedNumber> rows) {
    rows.clear();
    each_row(text, file, skipped, [&rows](Tokens& tokens) {
        const std::string_view name = tokens.next();
        rows.push_back({name, tokens.number<std::uint64_t>()});
    });
    if (rows.empty()) {
        throw ParseError{base::concat(file, ": is empty")};
    }
    return rows;
}

} // namespace tickertape::proc
