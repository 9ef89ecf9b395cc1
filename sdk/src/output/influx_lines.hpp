// SPDX-License-Identifier: MIT
/// \file
/// InfluxLines: lines of InfluxDB's line protocol for a descriptor.
#pragma once

#include <span>
#include <string>
#include <utility>

#include "point/influx_formatter.hpp"
#include "point/line_formatter.hpp"

namespace tickertape::output {

/// Writes the same text that Influx pushes, with a newline after each point.
///
/// Thread safety: none; one object per writing thread.
class InfluxLines {
public:
    /// Throws UsageError when the host tag is no legal name.
    explicit InfluxLines(std::string host_tag) : formatter_{std::move(host_tag)} {}

    /// Writes lines of points, in order, until one is refused or `room` may not have room for another line. Refuses a point as
    /// InfluxFormatter does, and a series whose longest line has more than `max_line` characters. Does not allocate or block.
    [[nodiscard]] point::LinesResult write(std::span<const Point> points, std::span<char> room) const noexcept {
        return point::write_lines(points, room, [this](const Point& point, char* out) -> point::LineResult {
            if (formatter_.longest(point.series()) > max_line) {
                return {.refused = Reason::line_too_long};
            }
            point::LineResult line = formatter_.write(point, out);
            if (!line.refused) {
                out[line.size++] = '\n';
            }
            return line;
        });
    }

private:
    point::InfluxFormatter formatter_;
};

} // namespace tickertape::output
