// SPDX-License-Identifier: MIT
/// \file
/// Lines: the text of one point, as a TSD or tcollector reads it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <tickertape/point.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

/// The most characters of a line, its newline not counted. tcollector refuses 1024, and a TSD closes on more.
inline constexpr std::size_t max_line = 1023;

/// What stands in a line beside its point.
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

    [[nodiscard]] const LineForm& form() const noexcept { return form_; }

private:
    // The text around stamp and value of the series in whose points we are. What is kept leaves room for a step in a line,
    // as it is copied in whole steps.
    static constexpr std::size_t step = 32;
    static constexpr std::size_t most_kept = 448;
    using Kept = std::array<char, most_kept + step>;
    static_assert(2 * most_kept + 13 + 1 + max_value_text + step <= max_line);

    LineResult write_anew(const Point& point, char* out) noexcept;
    LineResult write_kept(const Point& point, char* out) noexcept;
    void keep(const Series& series, std::string_view line) noexcept;
    static char* append_kept(char* out, const Kept& text, std::size_t size) noexcept;
    char* write_stamp(std::int64_t seconds, std::int64_t milliseconds, Precision precision, char* out) noexcept;

    LineForm form_;
    std::string host_text_; // `host=name`, or empty
    std::int64_t cached_second_ = 0;
    char cached_text_[10] = {};

    std::optional<Series> kept_;
    std::size_t last_hash_ = 0; // of the last series
    Precision kept_precision_ = Precision::seconds;
    std::size_t before_size_ = 0;
    std::size_t behind_size_ = 0;
    Kept before_{};
    Kept behind_{};
};

} // namespace tickertape
