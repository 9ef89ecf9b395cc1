// SPDX-License-Identifier: MIT
/// \file
/// LineFormatter: the text of points, as a TSD or tcollector reads it, in the caller's buffer.
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

/// The parts of a line beside its point.
struct LineForm {
    /// Begin with `put `, the command of a TSD. tcollector adds it by itself and refuses lines that have it.
    bool put_prefix = true;
    /// The value of the `host` tag that points without one of their own get, in the order of keys; empty: none is added.
    /// It is to be a legal name (`sanitize`); the constructor of LineFormatter refuses others.
    std::string host_tag = {};
};
static_assert(std::is_aggregate_v<LineForm>);

/// A line in the caller's buffer, or why there is none.
struct LineResult {
    std::size_t size = 0; ///< bytes written, the newline included; 0 when refused
    std::optional<Reason> refused = {};
};

/// Lines in the caller's buffer, one after the other.
struct LinesResult {
    std::size_t points = 0;             ///< how many points have become lines
    std::size_t size = 0;               ///< of all lines, in bytes
    std::optional<Reason> refused = {}; ///< why the next point has none, if that is why there are no more lines
};

/// Writes points as lines: `put metric stamp value key=value …`. The stamp is the time rounded down to whole seconds (10
/// digits) or milliseconds (13 digits), as the series' precision says. One point has exactly one line, so that it can be
/// rendered again and sent again.
///
/// Thread safety: none; one object per writing thread.
class LineFormatter {
public:
    /// Throws UsageError when the host tag is no legal name.
    explicit LineFormatter(LineForm form = {});

    /// Writes the line of `point` with its newline at `out`, which has room for `max_line + 1` bytes. Refuses a point that
    /// the receiver would refuse or misread: without any tag (in put form), with more than `max_tags` counting the host
    /// tag (tcollector adds one too), outside of the years that a stamp can tell, or with too long a line (judged
    /// with the longest stamp and value, so that a series fits always or never). Does not allocate or block.
    [[nodiscard]] LineResult write(const Point& point, char* out) noexcept;

    /// The same for several points, in order, until one is refused or `room` may not have room for another line.
    [[nodiscard]] LinesResult write(std::span<const Point> points, std::span<char> room) noexcept;

    [[nodiscard]] const LineForm& form() const noexcept { return form_; }

private:
    // The text of the series in whose points we are: up to the value, the stamp included, and from there on. Points of a
    // series come in a row as a rule. It is copied in whole steps where the line leaves room for that.
    static constexpr std::size_t step = 32;
    using Part = std::array<char, max_line + 1 + step>;

    LineResult write_line(const Point& point, char* out) noexcept;
    [[nodiscard]] std::optional<Reason> frame(const Series& series) noexcept;
    [[nodiscard]] bool restamp(WallTime time) noexcept;
    static char* copy(const Part& text, std::size_t size, bool in_steps, char* out) noexcept;

    LineForm form_;
    std::string host_text_; // `host=name`, or empty

    std::optional<Series> framed_;
    bool in_seconds_ = true;
    bool in_steps_ = true;
    std::size_t head_size_ = 0;
    std::size_t stamp_ = 0; // where it stands in the head, its last digits left open
    // The hundred seconds that have the stamp's first digits, in nanoseconds since 1970; fewer where stamps end.
    std::uint64_t stamped_from_ = 0;
    std::uint64_t stamped_for_ = 0;
    std::uint64_t stamp_text_ = 0; // those digits
    std::size_t tail_size_ = 0;
    Part head_{};
    Part tail_{};
};

} // namespace tickertape::point
