// SPDX-License-Identifier: MIT
/// \file
/// InfluxFormatter: points in InfluxDB's line protocol.
#pragma once

#include <cstddef>
#include <string>

#include <tickertape/point.hpp>

#include "point/line_formatter.hpp"

namespace tickertape::point {

/// Writes points as `metric,key=value,… value=VALUE TIMESTAMP`. One point has exactly one text.
///
/// The metric is the measurement, and the value is its only field, `value`. The field is always a float: a number without the
/// suffix `i`. InfluxDB keeps the first type of a field and drops points of another type, but a series may have whole numbers
/// and fractions. So InfluxDB rounds whole numbers beyond 2^53.
/// The timestamp is that of the point, in nanoseconds. Names need no escapes, because no name may hold a character that the
/// protocol escapes (comma, blank, `=`, `\`, `"`). (docs.influxdata.com: "Line protocol reference".)
///
/// Thread safety: none; one object per writing thread.
class InfluxFormatter {
public:
    /// Throws UsageError when the host tag is no legal name.
    explicit InfluxFormatter(std::string host_tag);

    /// The most bytes of one point.
    [[nodiscard]] std::size_t longest() const noexcept;
    /// The same for a point of this series.
    [[nodiscard]] std::size_t longest(const Series& series) const noexcept;
    /// Writes the line of `point` without a newline at `out`, which has room for `longest()` bytes. Refuses times outside
    /// InfluxDB's range, and tags with the key `time`, which InfluxDB refuses. Does not allocate or block.
    [[nodiscard]] LineResult write(const Point& point, char* out) const noexcept;

private:
    [[nodiscard]] std::size_t rest_of_line() const noexcept;

    std::string host_text_; // `host=name`; may be empty
};

} // namespace tickertape::point
