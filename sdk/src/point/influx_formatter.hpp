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
/// suffix `i`. InfluxDB gives a field one type for ever and drops points of another type, and a series may have whole
/// numbers and fractions. So a whole number beyond 2^53 is rounded where it is stored.
/// The timestamp is in nanoseconds, exactly that of the point. A name needs no escapes, because the characters that the protocol
/// escapes (comma, blank, `=`, `\`, `"`) are legal in no name. (docs.influxdata.com: "Line protocol reference".)
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
    /// Writes the line of `point` without a newline at `out`, which has room for `longest()` bytes. Refuses a time that
    /// InfluxDB does not have, and tags named `time`, which it does not take. Does not allocate or block.
    [[nodiscard]] LineResult write(const Point& point, char* out) const noexcept;

private:
    [[nodiscard]] std::size_t rest_of_line() const noexcept;

    std::string host_text_; // `host=name`, or empty
};

} // namespace tickertape::point
