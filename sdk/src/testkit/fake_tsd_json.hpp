// SPDX-License-Identifier: MIT
/// \file
/// Reads the points in a body of /api/put, as OpenTSDB's JSON reader does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickertape::testkit {

/// A point of a body: its parts with their text in the body. A missing part has no value.
struct PutParts {
    std::optional<std::string> metric{};
    std::string timestamp = "0";
    std::optional<std::string> value{};
    std::optional<std::vector<std::pair<std::string, std::string>>> tags{};
    bool typed = false; ///< timestamp and value are numbers, as InfluxDB requires

    /// Returns the point as the text of a put line.
    [[nodiscard]] std::string line() const;
};

/// Reads one object, or an array of objects, and ignores any text after it. A number keeps its text, and `NaN` is a number.
/// Returns nothing if the body cannot be read, or if a timestamp is not a number.
[[nodiscard]] std::optional<std::vector<PutParts>> read_put_parts(std::string_view body);

} // namespace tickertape::testkit
