// SPDX-License-Identifier: MIT
#include "proc/net_dev.hpp"

#include <utility>

#include "proc/tokens.hpp"

namespace tickertape::proc {

std::vector<NetDevice> parse_net_dev(std::string_view text, std::string_view file, std::vector<NetDevice> devices) {
    constexpr std::size_t titles = 2;
    devices.clear();
    for (std::size_t number = 1; number <= titles || !text.empty(); ++number) {
        const std::string_view line = next_line(text);
        if (number <= titles) {
            if (line.find('|') == std::string_view::npos) {
                Tokens tokens{line, file, number};
                tokens.refuse(tokens.next(), "does not begin the columns' titles");
            }
            continue;
        }
        // The name ends at the last colon, as there are only numbers behind it.
        const std::size_t colon = line.rfind(':');
        if (colon == std::string_view::npos) {
            Tokens tokens{line, file, number};
            tokens.refuse(tokens.next(), "is no name with a colon behind it");
        }
        NetDevice device{.name = Tokens{line.substr(0, colon), file, number}.next(), .received = {}, .sent = {}};
        Tokens tokens{line.substr(colon + 1), file, number, 1};
        for (std::uint64_t& count : device.received) {
            count = tokens.number<std::uint64_t>();
        }
        for (std::uint64_t& count : device.sent) {
            count = tokens.number<std::uint64_t>();
        }
        devices.push_back(device);
    }
    return devices;
}

std::vector<NetDevice> read_net_dev(const Root& root, std::string& buffer, std::vector<NetDevice> devices) {
    return parse_net_dev(root.need_all("net/dev", buffer), root.path_of("net/dev"), std::move(devices));
}

} // namespace tickertape::proc
