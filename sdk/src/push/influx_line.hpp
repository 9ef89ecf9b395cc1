// SPDX-License-Identifier: MIT
/// \file
/// InfluxFormatter: points in InfluxDB's line protocol.
#pragma once

#include <cstddef>
#include <string>

#include <tickertape/point.hpp>

#include "point/line_formatter.hpp"

namespace tickertape::push {

/// Writes points as `metric,key=value,… value=VALUE STAMP`: one field, always a float, as a field has one type for ever; the
/// stamp in nanoseconds, all that the point has. Names need no escapes, as no character that the protocol treats
/// specially is legal in them. One point has exactly one text.
///
/// Thread safety: none; one object per writing thread.
class InfluxFormatter {
public:
    /// Throws UsageError when the host tag is no legal name.
    explicit InfluxFormatter(std::string host_tag);

    /// The most bytes of one point.
    [[nodiscard]] std::size_t longest() const noexcept;
    /// Writes the line of `point` without a newline at `out`, which has room for `longest()` bytes. Refuses a time that
    /// InfluxDB does not have, and tags named `time`, which it does not take. Does not allocate or block.
    [[nodiscard]] point::LineResult write(const Point& point, char* out) const noexcept;

private:
    std::string host_text_; // `host=name`, or empty
};

} // namespace tickertape::push
