// SPDX-License-Identifier: MIT
#include <tickertape/proc/loadavg.hpp>

#include <array>

#include <tickertape/proc/tokens.hpp>

namespace tickertape::proc {

LoadAvg parse_loadavg(std::string_view text, std::string_view file) {
    Tokens tokens{next_line(text), file, 1};
    LoadAvg load{};
    load.one_minute = tokens.number<double>();
    load.five_minutes = tokens.number<double>();
    load.fifteen_minutes = tokens.number<double>();
    const std::string_view pair = tokens.next();
    const std::size_t slash = pair.find('/');
    if (slash == std::string_view::npos || !to_number(pair.substr(0, slash), load.runnable) ||
        !to_number(pair.substr(slash + 1), load.threads)) {
        tokens.refuse(pair, "is not two numbers with a slash between them");
    }
    return load;
}

LoadAvg read_loadavg(const Root& root) {
    std::array<char, 256> buffer; // NOLINT(*-member-init): read fills the bytes that are used
    return parse_loadavg(root.need("loadavg", buffer), root.path_of("loadavg"));
}

} // namespace tickertape::proc
