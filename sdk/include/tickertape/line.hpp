// SPDX-License-Identifier: MIT
/// \file
/// Lines: the text of one point for a TSD or for tcollector.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <tickertape/point.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

/// The most characters of a line, without its newline. tcollector refuses 1024 characters, and a TSD closes the connection at more.
inline constexpr std::size_t max_line = 1023;

/// For your own transmitters: appends `put metric timestamp value key=value …` and a newline to `out`. A point without a tag
/// `host` gets `host`, if that is not empty. If the receiver would refuse or misread the line, returns the reason and leaves
/// `out` unchanged. Throws UsageError when `host` is not a legal name.
std::optional<Reason> append_put_line(std::string& out, const Point& point, std::string_view host = {});

} // namespace tickertape
