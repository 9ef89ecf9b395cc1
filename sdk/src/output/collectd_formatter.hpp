// SPDX-License-Identifier: MIT
/// \file
/// CollectdFormatter: points in the text protocol of collectd's plugin `exec`.
#pragma once

#include <span>
#include <string>

#include <tickertape/point.hpp>

#include "point/line_formatter.hpp"

namespace tickertape::output {

/// Writes points as `PUTVAL "HOST/tickertape-METRIC/gauge-TAGS" interval=STEP TIME:VALUE`, as collectd-exec(5) and
/// collectd-unixsock(5) describe it. For example, a point of `df.bytes.free mount=/var` becomes
///
///     PUTVAL "web01/tickertape-df.bytes.free/gauge-mount=~var" interval=60 1700000000:123456
///
/// The parts of the identifier:
/// - HOST is the tag `host` of the series, or the host of the output.
/// - METRIC is the plugin instance; it may hold hyphens, which the name of a plugin may not.
/// - TAGS, the type instance, are the other tags as `key=value,key=value`, sorted by key. Without tags the type is `gauge` alone.
/// - A slash becomes `~`, because collectd cuts the identifier at slashes.
///
/// No name holds one of `~ = , "`, so an identifier has one meaning: two series share it only if they are equal once the host tag
/// is added. STEP is the step of the series in seconds; without a step there is no `interval=`, and collectd uses its own interval.
/// TIME is exact: seconds since 1970, with decimals if needed. collectd rounds it to about 0.2 µs, and rounds whole numbers beyond
/// 2^53, because it reads VALUE as a double.
///
/// Thread safety: none; one object per writing thread.
class CollectdFormatter {
public:
    /// The most bytes of a part of an identifier (collectd 5: DATA_MAX_NAME_LEN, with its end).
    static constexpr std::size_t longest_part = 127;

    /// Throws UsageError when the host is no legal name or longer than `longest_part`.
    explicit CollectdFormatter(const std::string& host);

    /// Writes lines of points, in order, until one is refused or `room` may not have room for another line. Refuses a point with a
    /// part that is too long, and a time before 1970-01-01 00:00:01, which collectd would replace by the current time. Does not
    /// allocate or block.
    [[nodiscard]] point::LinesResult write(std::span<const Point> points, std::span<char> room) const noexcept;

private:
    [[nodiscard]] point::LineResult write_line(const Point& point, char* out) const noexcept;

    std::string host_; // with `~` for slashes
};

} // namespace tickertape::output
