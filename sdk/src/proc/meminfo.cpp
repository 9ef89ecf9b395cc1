// SPDX-License-Identifier: MIT
#include <tickertape/proc/meminfo.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include <tickertape/proc/tokens.hpp>

#include "base/concat.hpp"

namespace tickertape::proc {

std::vector<MemInfo> parse_meminfo(std::string_view text, std::string_view file, SkippedRows& skipped,
                                   std::vector<MemInfo> rows) {
    constexpr std::uint64_t bytes_per_kb = 1024;
    constexpr std::uint64_t most_kb = std::numeric_limits<std::uint64_t>::max() / bytes_per_kb;
    rows.clear();
    each_row(text, file, skipped, [&rows](Tokens& tokens) {
        std::string_view name = tokens.next();
        if (!name.ends_with(':') || name.size() < 2) {
            tokens.refuse(name, "is not a name with a colon after it");
        }
        name.remove_suffix(1);
        auto value = tokens.number<std::uint64_t>();
        if (const std::string_view unit = tokens.next(); unit == "kB") {
            if (value > most_kb) {
                tokens.refuse(unit, "stands behind too large a number");
            }
            value *= bytes_per_kb;
        }
        rows.push_back({name, value});
    });
    if (rows.empty()) {
        throw ParseError{base::concat(file, ": is empty")};
    }
    return rows;
}

std::string plain_name(std::string_view name, std::string plain) {
    plain.assign(name);
    std::transform(plain.begin(), plain.end(), plain.begin(), [](char c) {
        const bool lower_or_digit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        return lower_or_digit ? c : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : '_';
    });
    const std::size_t first = std::min(plain.find_first_not_of('_'), plain.size());
    plain.erase(plain.find_last_not_of('_') + 1).erase(0, first);
    return plain;
}

std::vector<MemInfo> read_meminfo(const Root& root, std::string& buffer, std::vector<MemInfo> rows) {
    return parse_meminfo(root.need_all("meminfo", buffer), root.path_of("meminfo"), root.skipped(), std::move(rows));
}

} // namespace tickertape::proc
