// SPDX-License-Identifier: MIT
/// \file
/// /sys/class/net: link, speed and link losses of network interfaces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// A network interface. Values that its driver or this kernel does not report are missing: speeds of virtual interfaces, carriers of
/// interfaces that are set down.
struct Link {
    std::string name;
    std::optional<bool> is_up{};                    ///< `operstate` is `up`: it passes packets
    std::optional<std::int64_t> carrier{};          ///< 1 with a signal, else 0
    std::optional<std::int64_t> speed{};            ///< bytes per second
    std::optional<std::int64_t> carrier_changes{};  ///< since the interface was created; Linux 3.15
    std::optional<std::int64_t> carrier_up_count{}; ///< how often the link came up; Linux 4.16
    std::optional<std::int64_t> carrier_down_count{};
};

/// Returns the interfaces by name. `sys` is a root like /sys. May take long, because drivers ask the card for its speed. Throws
/// std::system_error or ParseError that names the file.
[[nodiscard]] std::vector<Link> read_links(const Root& sys, std::vector<Link> links = {});

} // namespace tickertape::proc
