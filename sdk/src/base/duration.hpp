// SPDX-License-Identifier: MIT
/// \file
/// Durations as people write them: on command lines, in the environment, in config files.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace tickertape::base {

/// `5`, `0.5`, `250ms`, `5s`, `10m`, `1h` or `1d`: a number, of seconds unless a unit stands behind it. Nothing if `text` is
/// none of these, is no whole number of milliseconds, has more than 9 decimals, or is longer than 2^31 - 1 seconds.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;

/// The end of the message about a text that is no duration.
inline constexpr std::string_view no_duration =
    "is no duration; write seconds, as in 5 or 0.5, or a unit, as in 250ms, 5s, 10m, 1h or 1d";

} // namespace tickertape::base
