// SPDX-License-Identifier: MIT
/// \file
/// LineFormatter: writes points as text for a TSD or tcollector, into the caller's buffer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <tickertape/line.hpp>
#include <tickertape/point.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape::point {

/// The parts of a line that do not come from its point.
struct LineForm {
    /// Begin lines with `put `, the command of a TSD. tcollector adds it by itself, and refuses lines with it.
    bool put_prefix = true;
    /// The value of the `host` tag for points without one, sorted in by its key; empty: no tag is added. The constructor of
    /// LineFormatter refuses an illegal name (see `sanitize`).
    std::string host_tag = {};
};
static_assert(std::is_aggregate_v<LineForm>);

/// The result for one line.
struct LineResult {
    std::size_t size = 0; ///< written bytes, including the newline; 0 if the point was refused
    std::optional<Reason> refused = {};
};

/// The result for several lines.
struct LinesResult {
    std::size_t points = 0;             ///< points that were written
    std::size_t size = 0;               ///< bytes of all lines
    std::optional<Reason> refused = {}; ///< why the next point was refused; nothing if there was no room for it
};

/// Calls `write(point, out)`, which returns a LineResult, for points in order, until one is refused or `room` may not have room for
/// another line of `max_line` characters.
template <class Write>
[[nodiscard]] LinesResult write_lines(std::span<const Point> points, std::span<char> room, Write write) noexcept {
    LinesResult lines;
    for (; lines.points < points.size() && room.size() - lines.size > max_line; ++lines.points) {
        const LineResult line = write(points[lines.points], room.data() + lines.size);
        if (line.refused) {
            lines.refused = line.refused;
            break;
        }
        lines.size += line.size;
    }
    return lines;
}

/// Writes points as lines: `put metric timestamp value key=value …`. The timestamp is the time rounded down to whole seconds (10
/// digits) or milliseconds (13 digits), by the precision of the series. A point always has the same line, so that it can be
/// rendered and sent again.
///
/// Thread safety: none; one object per writing thread.
class LineFormatter {
public:
    /// Throws UsageError when the host tag is no legal name.
    explicit LineFormatter(LineForm form = {});

    /// Writes the line of `point` with its newline at `out`, which has room for `max_line + 1` bytes. Refuses a point that the
    /// receiver would refuse or misread: without a tag (in put form), with more than `max_tags` including the host tag (also one
    /// that tcollector adds), with a time outside the range of timestamps, or with too long a line. The length is judged with the
    /// longest timestamp and value, so that a series fits always or never. Does not allocate or block.
    [[nodiscard]] LineResult write(const Point& point, char* out) noexcept;

    /// Writes several points in order, until one is refused or `room` may be too small for another line.
    [[nodiscard]] LinesResult write(std::span<const Point> points, std::span<char> room) noexcept;

    [[nodiscard]] const LineForm& form() const noexcept { return form_; }

private:
    // The text of the present series: up to the value, with the timestamp, and the rest. Points of a series usually come in a
    // row. The text is copied in steps of a fixed size if there is room for that.
    static constexpr std::size_t step = 32;
    using Part = std::array<char, max_line + 1 + step>;

    LineResult write_line(const Point& point, char* out) noexcept;
    [[nodiscard]] std::optional<Reason> frame(const Series& series) noexcept;
    [[nodiscard]] bool restamp(WallTime time) noexcept;
    static char* copy(const Part& text, std::size_t size, bool in_steps, char* out) noexcept;

    LineForm form_;
    std::string host_text_; // `host=name`; may be empty

    std::optional<Series> framed_;
    bool in_seconds_ = true;
    bool in_steps_ = true;
    std::size_t head_size_ = 0;
    std::size_t stamp_ = 0; // the place of the timestamp in the head, without its last digits
    // The time of the timestamp's first digits, in nanoseconds since 1970. It covers a hundred seconds, or fewer at the end of
    // the range.
    std::uint64_t stamped_from_ = 0;
    std::uint64_t stamped_for_ = 0;
    std::uint64_t stamp_text_ = 0; // the first digits
    std::size_t tail_size_ = 0;
    Part head_{};
    Part tail_{};
};

} // namespace tickertape::point
