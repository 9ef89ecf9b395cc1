// SPDX-License-Identifier: MIT
#include <tickertape/proc/softnet.hpp>

#include <optional>
#include <utility>

#include <tickertape/proc/tokens.hpp>

#include "base/concat.hpp"
#include "base/whole_number.hpp"

namespace tickertape::proc {

namespace {

std::uint64_t hexadecimal(Tokens& tokens) {
    const std::string_view word = tokens.next();
    const std::optional<std::uint64_t> number = base::whole_number<std::uint64_t>(word, 16);
    if (!number) {
        tokens.refuse(word, "is not a hexadecimal number");
    }
    return *number;
}

} // namespace

std::vector<Softnet> parse_softnet(std::string_view text, std::string_view file, SkippedRows& skipped,
                                   std::vector<Softnet> rows) {
    constexpr std::size_t cpu_column = 12; // counted from 0
    rows.clear();
    std::uint64_t number = 0;
    each_row(text, file, skipped, [&](Tokens& tokens) {
        Softnet row{.cpu = number++, .processed = 0, .dropped = 0, .squeezed = 0};
        row.processed = hexadecimal(tokens);
        row.dropped = hexadecimal(tokens);
        row.squeezed = hexadecimal(tokens);
        for (std::size_t column = 3; !tokens.at_end() && column <= cpu_column; ++column) {
            const std::uint64_t value = hexadecimal(tokens);
            row.cpu = column == cpu_column ? value : row.cpu;
        }
        rows.push_back(row);
    });
    if (rows.empty()) {
        throw ParseError{base::concat(file, ": is empty")};
    }
    return rows;
}

std::vector<Softnet> read_softnet(const Root& root, std::string& buffer, std::vector<Softnet> rows) {
    constexpr const char* name = "net/softnet_stat";
    return parse_softnet(root.need_all(name, buffer), root.path_of(name), root.skipped(), std::move(rows));
}

} // namespace tickertape::proc
