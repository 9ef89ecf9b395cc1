// SPDX-License-Identifier: MIT
/// \file
/// Durations as people write them: on command lines, in the environment, in config files.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace tickertape::base {

/// Parses `5`, `0.5`, `250ms`, `5s`, `10m`, `1h` or `1d`: a number, in seconds if no unit follows. Returns nothing for other
/// texts, for parts of a millisecond, for more than 9 decimals, and for more than 2^31 - 1 seconds.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

/// The end of the message about a text that is not a duration.
inline constexpr std::string_view no_duration =
    "is no duration; write seconds, as in 5 or 0.5, or a unit, as in 250ms, 5s, 10m, 1h or 1d";

} // namespace tickertape::base
