// SPDX-License-Identifier: MIT
/// \file
/// Pages of `tickertape burst --html`, made from inputs that use everything that a report can show.
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

/// Runs `tickertape burst …`.
Result burst(std::vector<std::string> arguments);

/// Returns a put line.
std::string page_line(std::string_view metric, std::int64_t stamp, const std::string& value);

/// Returns counts and readings, in milliseconds and seconds, with gaps; a constant, a silent and a short series; unusable lines.
std::string all_kinds_of_series(Random& random);

/// A page, and the other results of the same run.
struct BurstPage {
    std::string page;
    std::string out;
};
/// Returns the page of an input. Fails if anything but unusable lines was reported.
BurstPage make_page(const std::string& input, std::vector<std::string> arguments = {"--json"});

/// Returns all scalars of a JSON text by their path, such as `scales.0.blocks`: as JSON, texts without quotes, null as an empty
/// text.
std::map<std::string, std::string> figures_of_json(const std::string& text);

/// Returns the number as JSON writes it.
std::string as_json(const std::string& text);

} // namespace test
