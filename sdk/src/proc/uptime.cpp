// SPDX-License-Identifier: MIT
#include <tickertape/proc/uptime.hpp>

#include <array>

#include <tickertape/proc/tokens.hpp>

namespace tickertape::proc {

Uptime parse_uptime(std::string_view text, std::string_view file) {
    Tokens tokens{next_line(text), file, 1};
    Uptime uptime{};
    uptime.since_boot = tokens.number<double>();
    uptime.idle = tokens.number<double>();
    return uptime;
}

Uptime read_uptime(const Root& root) {
    std::array<char, 128> buffer; // NOLINT(*-member-init): read fills the bytes that are used
    return parse_uptime(root.need("uptime", buffer), root.path_of("uptime"));
}

} // namespace tickertape::proc
