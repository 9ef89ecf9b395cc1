// SPDX-License-Identifier: MIT
#include "proc/net_snmp.hpp"

#include <utility>

#include "proc/tokens.hpp"

namespace tickertape::proc {

std::vector<SnmpCounter> parse_net_snmp(std::string_view text, std::string_view file,
                                        std::vector<SnmpCounter> counters) {
    counters.clear();
    for (std::size_t line = 1; !text.empty(); line += 2) {
        Tokens names{next_line(text), file, line};
        std::string_view protocol = names.next();
        if (!protocol.ends_with(':')) {
            names.refuse(protocol, "is no protocol with a colon behind it");
        }
        Tokens numbers{next_line(text), file, line + 1};
        if (const std::string_view again = numbers.next(); again != protocol) {
            numbers.refuse(again, "is not the protocol of the line above");
        }
        protocol.remove_suffix(1);
        while (!names.at_end()) {
            const std::string_view name = names.next();
            const bool negative = numbers.next_is('-');
            counters.push_back({protocol, name,
                                negative ? static_cast<std::uint64_t>(numbers.number<std::int64_t>())
                                         : numbers.number<std::uint64_t>()});
        }
    }
    if (counters.empty()) {
        throw ParseError{std::string{file}.append(": is empty")};
    }
    return counters;
}

std::vector<SnmpCounter> read_net_snmp(const Root& root, std::string& buffer, std::vector<SnmpCounter> counters) {
    return parse_net_snmp(root.need_all("net/snmp", buffer), root.path_of("net/snmp"), std::move(counters));
}

} // namespace tickertape::proc
