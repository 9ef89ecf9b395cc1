// SPDX-License-Identifier: MIT
/// \file
/// A parser of put lines that refuses everything that any receiver would refuse. It shares no code with the formatter.
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

/// Parses exactly one line with its newline. `put`: the line must begin with `put `. Throws std::runtime_error with the fault.
ParsedLine parse_strictly(std::string_view text, bool put);

/// Returns whether `line` is that of `point`: the series, the time in the precision of the series, the value to the last bit, and
/// the host tag `host` (empty: none) unless the series has its own.
bool tells(const ParsedLine& line, const tickertape::Point& point, std::string_view host);

} // namespace test
