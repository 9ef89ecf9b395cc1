// SPDX-License-Identifier: MIT
#include "proc/net_sockstat.hpp"

#include <utility>

#include "proc/tokens.hpp"

namespace tickertape::proc {

std::vector<SockStat> parse_net_sockstat(std::string_view text, std::string_view file, std::vector<SockStat> pairs) {
    pairs.clear();
    for (std::size_t line = 1; !text.empty(); ++line) {
        Tokens tokens{next_line(text), file, line};
        if (tokens.at_end()) {
            continue;
        }
        std::string_view protocol = tokens.next();
        if (!protocol.ends_with(':')) {
            tokens.refuse(protocol, "is no protocol with a colon behind it");
        }
        protocol.remove_suffix(1);
        while (!tokens.at_end()) {
            const std::string_view name = tokens.next();
            pairs.push_back({protocol, name, tokens.number<std::uint64_t>()});
        }
    }
    if (pairs.empty()) {
        throw ParseError{std::string{file}.append(": is empty")};
    }
    return pairs;
}

std::vector<SockStat> read_net_sockstat(const Root& root, std::string& buffer, std::vector<SockStat> pairs) {
    return parse_net_sockstat(root.need_all("net/sockstat", buffer), root.path_of("net/sockstat"), std::move(pairs));
}

} // namespace tickertape::proc
