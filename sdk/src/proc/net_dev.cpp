// SPDX-License-Identifier: MIT
#include <tickertape/proc/net_dev.hpp>

#include <utility>

#include <tickertape/proc/tokens.hpp>

#include "base/concat.hpp"

namespace tickertape::proc {

std::vector<NetDevice> parse_net_dev(std::string_view text, std::string_view file, SkippedRows& skipped,
                                     std::vector<NetDevice> devices) {
    devices.clear();
    bool has_titles = false;
    each_row(text, file, skipped, [&](Tokens& tokens) {
        const std::string_view line = tokens.rest();
        // The name ends at the last colon, because only numbers follow it.
        const std::size_t colon = line.rfind(':');
        if (colon == std::string_view::npos) {
            if (line.find('|') != std::string_view::npos) {
                has_titles = true;
                return;
            }
            tokens.refuse(tokens.next(), "is not a name with a colon after it");
        }
        NetDevice device{.name = line.substr(0, colon), .received = {}, .sent = {}};
        tokens.skip_to(colon + 1);
        for (std::uint64_t& count : device.received) {
            count = tokens.number<std::uint64_t>();
        }
        for (std::uint64_t& count : device.sent) {
            count = tokens.number<std::uint64_t>();
        }
        devices.push_back(device);
    });
    if (devices.empty() && !has_titles) {
        throw ParseError{base::concat(file, ": is empty")};
    }
    return devices;
}

std::vector<NetDevice> read_net_dev(const Root& root, std::string& buffer, std::vector<NetDevice> devices) {
    return parse_net_dev(root.need_all("net/dev", buffer), root.path_of("net/dev"), root.skipped(), std::move(devices));
}

} // namespace tickertape::proc
