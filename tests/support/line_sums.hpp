// SPDX-License-Identifier: MIT
/// \file
/// The sums of a collector's output.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// The points of a series in the order of the lines.
struct Points {
    std::vector<std::uint64_t> stamps = {};
    std::vector<double> values = {};

    [[nodiscard]] bool stamps_increase() const;
    [[nodiscard]] double sum() const;
};

/// Returns the points in `text` by metric and tags. Throws std::runtime_error for a line that a receiver would refuse, and for a
/// last line without a newline.
[[nodiscard]] std::map<std::string, Points> points_in(std::string_view text, bool put);

/// Returns the last timestamp of all series.
[[nodiscard]] std::optional<std::uint64_t> last_stamp(const std::map<std::string, Points>& points);

/// Returns the present time in seconds since 1970.
[[nodiscard]] std::uint64_t now_in_seconds();

} // namespace test
