// SPDX-License-Identifier: MIT
/// \file
/// The points of a body of /api/put, as OpenTSDB's reader of JSON finds them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tickertape::testkit {

/// A point of a body, its parts as the texts that stand there; what is not there has none.
struct PutParts {
    std::optional<std::string> metric{};
    std::string timestamp = "0";
    std::optional<std::string> value{};
    std::optional<std::vector<std::pair<std::string, std::string>>> tags{};
    bool typed = false; ///< timestamp and value were numbers, as InfluxDB wants them

    /// As a put line says it.
    [[nodiscard]] std::string line() const;
};

/// One object, or an array of them; what stands behind it does not matter. A number is the text that it has, and `NaN` is one.
/// Nothing if it cannot be read, or if a timestamp is no number.
[[nodiscard]] std::optional<std::vector<PutParts>> read_put_parts(std::string_view body);

} // namespace tickertape::testkit
