// SPDX-License-Identifier: MIT
/// \file
/// A parser of put lines that takes nothing that any receiver would refuse. It shares no code with the formatter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <tickertape/point.hpp>

namespace test {

struct ParsedLine {
    std::string metric;
    std::uint64_t stamp;
    bool stamp_is_milliseconds;
    std::variant<std::int64_t, double> value;
    std::vector<std::pair<std::string, std::string>> tags;
};

/// Parses exactly one line with its newline; `put` says whether it has to begin with `put `. Throws std::runtime_error
/// that says what is wrong.
ParsedLine parse_strictly(std::string_view text, bool put);

/// Whether `line` tells `point`: series, time as precise as the series, value to the last bit, and with the host tag
/// `host` (empty: none) unless the series has its own.
bool tells(const ParsedLine& line, const tickertape::Point& point, std::string_view host);

} // namespace test
