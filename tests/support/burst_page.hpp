// SPDX-License-Identifier: MIT
/// \file
/// Pages of `tickertape burst --html`, of inputs with all that a report can show.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"
#include "support/seed.hpp"

namespace test {

inline constexpr std::int64_t page_origin = 1'700'000'000;

/// `tickertape burst …`
Result burst(std::vector<std::string> arguments);

/// A put line.
std::string page_line(std::string_view metric, std::int64_t stamp, const std::string& value);

/// Counts and readings, milliseconds and seconds, with gaps; a constant, a silent and a short one; lines of no use.
std::string all_kinds_of_series(Random& random);

/// A page and what else came of the same run.
struct BurstPage {
    std::string page;
    std::string out;
};
/// The page of an input. Nothing may have been complained about but lines of no use.
BurstPage make_page(const std::string& input, std::vector<std::string> arguments = {"--json"});

/// All scalars of a JSON text by their path, as JSON, texts without quotes, null as nothing: `scales.0.blocks`.
std::map<std::string, std::string> figures_of_json(const std::string& text);

/// As JSON writes it, if it is a number.
std::string as_json(const std::string& text);

} // namespace test
