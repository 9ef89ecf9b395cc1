// SPDX-License-Identifier: MIT
#include <tickertape/proc/net_sockstat.hpp>

#include <utility>

#include <tickertape/proc/tokens.hpp>

#include "base/concat.hpp"

namespace tickertape::proc {

std::vector<SockStat> parse_net_sockstat(std::string_view text, std::string_view file, SkippedRows& skipped,
                                         std::vector<SockStat> pairs) {
    pairs.clear();
    each_row(text, file, skipped, [&](Tokens& tokens) {
        std::string_view protocol = tokens.next();
        if (!protocol.ends_with(':')) {
            tokens.refuse(protocol, "is not a protocol with a colon after it");
        }
        protocol.remove_suffix(1);
        const std::size_t before = pairs.size();
        try {
            while (!tokens.at_end()) {
                const std::string_view name = tokens.next();
                pairs.push_back({protocol, name, tokens.number<std::uint64_t>()});
            }
        } catch (const ParseError&) { // afterwards it is not known which name a number has
            pairs.resize(before);
            throw;
        }
    });
    if (pairs.empty()) {
        throw ParseError{base::concat(file, ": is empty")};
    }
    return pairs;
}

std::vector<SockStat> read_net_sockstat(const Root& root, std::string& buffer, std::vector<SockStat> pairs) {
    return parse_net_sockstat(root.need_all("net/sockstat", buffer), root.path_of("net/sockstat"), root.skipped(),
                              std::move(pairs));
}

} // namespace tickertape::proc
