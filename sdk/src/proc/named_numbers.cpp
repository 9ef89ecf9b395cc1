// SPDX-License-Identifier: MIT
#include "proc/named_numbers.hpp"

#include "proc/tokens.hpp"

namespace tickertape::proc {

std::vector<NamedNumber> parse_named_numbers(std::string_view text, std::string_view file,
                                             std::vector<NamedNumber> rows) {
    rows.clear();
    for (std::size_t line = 1; !text.empty(); ++line) {
        Tokens tokens{next_line(text), file, line};
        if (!tokens.at_end()) {
            const std::string_view name = tokens.next();
            rows.push_back({name, tokens.number<std::uint64_t>()});
        }
    }
    if (rows.empty()) {
        throw ParseError{std::string{file}.append(": is empty")};
    }
    return rows;
}

} // namespace tickertape::proc
