// SPDX-License-Identifier: MIT
/// \file
/// Random lines, mostly odd, for what `tickertape lint` says of them.
#pragma once

#include <string>
#include <vector>

#include "support/seed.hpp"

namespace test {

/// What stands in lines beside the usual words.
struct Oddities {
    std::vector<std::string> stamps{};
    std::vector<std::string> values{};
};

/// What an OpenTSDB reads in ways of its own.
[[nodiscard]] const Oddities& opentsdb_oddities();

/// A put of `metric` that is good, or odd in one place or several; with its newline.
[[nodiscard]] std::string random_lint_line(Random& random, const std::string& metric, const Oddities& more = {});

} // namespace test
