// SPDX-License-Identifier: MIT
/// \file
/// Lines: the text of one point, as a TSD or tcollector reads it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <tickertape/point.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

/// The most characters of a line, its newline not counted. tcollector refuses 1024, and a TSD closes on more.
inline constexpr std::size_t max_line = 1023;

/// Appends `put metric stamp value key=value …` and a newline to `out`, for transmitters of your own; with `host`, if it is not empty,
/// as the tag of a point that has no `host`. Returns why there is no line, if the receiver would refuse or misread it; `out` is
/// unchanged then. Throws UsageError when `host` is no legal name.
std::optional<Reason> append_put_line(std::string& out, const Point& point, std::string_view host = {});

} // namespace tickertape
