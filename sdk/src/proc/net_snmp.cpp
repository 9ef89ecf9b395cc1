// SPDX-License-Identifier: MIT
#include <tickertape/proc/net_snmp.hpp>

#include <optional>
#include <utility>

#include <tickertape/proc/tokens.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"

namespace tickertape::proc {

std::vector<SnmpCounter> parse_net_snmp(std::string_view text, std::string_view file, SkippedRows& skipped,
                                        std::vector<SnmpCounter> counters) {
    counters.clear();
    std::optional<Tokens> names; // of the line before
    std::string_view protocol;
    const auto report_without_numbers = [&] {
        if (names) {
            skipped.add(file, protocol, 0,
                        base::concat(file, ": ", base::quote(protocol), " has names, but no numbers"));
        }
    };
    const auto take = [&](Tokens& line) {
        const std::string_view title = line.next();
        if (!title.ends_with(':')) {
            line.refuse(title, "is not a protocol with a colon after it");
        }
        const std::string_view word = title.substr(0, title.size() - 1);
        const bool is_titles = !line.next_is('-') && !line.next_is_digit();
        if (is_titles && names && word == protocol) {
            names.reset();
            line.refuse(line.next(), "is not a number");
        }
        if (is_titles) {
            report_without_numbers();
            names.emplace(line);
            protocol = word;
            return;
        }
        std::optional<Tokens> titles = std::exchange(names, std::nullopt);
        if (!titles || word != protocol) {
            line.refuse(title, "has no line of names above it");
        }
        const std::size_t before = counters.size();
        try {
            while (!titles->at_end()) {
                const std::string_view name = titles->next();
                const bool negative = line.next_is('-');
                counters.push_back({protocol, name,
                                    negative ? static_cast<std::uint64_t>(line.number<std::int64_t>())
                                             : line.number<std::uint64_t>()});
            }
        } catch (const ParseError&) { // afterwards it is not known which name a number has
            counters.resize(before);
            throw;
        }
    };
    each_row(text, file, skipped, take);
    report_without_numbers();
    if (counters.empty()) {
        throw ParseError{base::concat(file, ": is empty")};
    }
    return counters;
}

std::vector<SnmpCounter> read_net_snmp(const Root& root, std::string& buffer, std::vector<SnmpCounter> counters) {
    return parse_net_snmp(root.need_all("net/snmp", buffer), root.path_of("net/snmp"), root.skipped(),
                          std::move(counters));
}

} // namespace tickertape::proc
