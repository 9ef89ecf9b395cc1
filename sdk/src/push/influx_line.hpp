// SPDX-License-Identifier: MIT
/// \file
/// InfluxFormatter: points in InfluxDB's line protocol.
#pragma once

#include <cstddef>
#include <string>

#include <tickertape/point.hpp>

#include "point/line_formatter.hpp"

namespace tickertape::push {

/// Writes points as `metric,key=value,… value=VALUE TIMESTAMP`. There is one field, always a float, because InfluxDB never
/// changes the type of a field. The timestamp has nanoseconds, the full precision of a point. Names need no escapes: no legal
/// character has a special meaning. Each point has exactly one text.
///
/// Thread safety: none; one object per writing thread.
class InfluxFormatter {
public:
    /// Throws UsageError when the host tag is no legal name.
    explicit InfluxFormatter(std::string host_tag);

    /// Returns the most bytes of one point.
    [[nodiscard]] std::size_t longest() const noexcept;
    /// Writes the line of `point` without a newline at `out`, which has room for `longest()` bytes. Refuses times outside
    /// InfluxDB's range, and tags named `time`, because InfluxDB refuses them. Does not allocate or block.
    [[nodiscard]] point::LineResult write(const Point& point, char* out) const noexcept;

private:
    std::string host_text_; // `host=name`; may be empty
};

} // namespace tickertape::push
