// SPDX-License-Identifier: MIT
/// \file
/// Rows of figures: a benchmark writes them, and scripts/bench makes a table of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// The limit of a figure.
struct Limit {
    enum class Kind : std::uint8_t { none, at_most, at_least };

    Kind kind = Kind::none;
    double value = 0;

    [[nodiscard]] bool met(double figure) const noexcept {
        return kind == Kind::none || (kind == Kind::at_most ? figure <= value : figure >= value);
    }
};
constexpr Limit at_most(double value) { return {Limit::Kind::at_most, value}; }
constexpr Limit at_least(double value) { return {Limit::Kind::at_least, value}; }

/// One figure.
struct Row {
    std::string demand; ///< of the issue on speed, or `push 10`; empty for a figure that explains others
    std::string what;
    double figure = 0;
    std::string unit = {};
    Limit limit = {};
};

/// Writes a row to standard output at once, as a line of fields between tabs, and also to standard error.
void say(const Row& row);

/// Reads such lines from standard input, prints a table of them and writes them as JSON to `path`, if that is not empty.
/// Returns how many limits are not met.
int tabulate(const std::string& path);

} // namespace bench
