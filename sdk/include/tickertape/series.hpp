// SPDX-License-Identifier: MIT
/// \file
/// Series: a metric with its tags, validated once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <tickertape/tags.hpp>

namespace tickertape {

namespace point {
struct SeriesNode;
class PointBuffer;
class SeriesTable;
} // namespace point

/// Options of a Series, in addition to its metric and tags.
struct SeriesOptions {
    /// The way in which PerSecond merges several values of a series in one second, for a receiver that keeps one of them.
    enum class Merge : std::uint8_t {
        none,   ///< not merged: they are not events, or their meaning is not known
        sum,    ///< the sum, for counts
        last,   ///< the last value, for readings
        timing, ///< number, sum and maximum, as three series: the metric with `.count`, `.sum` and `.max`
    };

    /// The time between two neighbouring points: a counter's granularity, a collector's interval. A larger distance is a
    /// gap. 0: not known, and no distance is a gap. If the step is not a whole number of seconds, timestamps print
    /// in milliseconds. Negative: UsageError.
    std::chrono::nanoseconds step{0};
    /// Leave room for the host tag that the output adds: then at most 7 tags are accepted, a `host` tag of the series itself not
    /// counted. Otherwise 8. (OpenTSDB accepts 8 in all.)
    bool reserve_host_tag = true;
    /// Set by Telemeter, whose points are events.
    Merge merge = Merge::none;
};
static_assert(std::is_aggregate_v<SeriesOptions>);

/// The most tags that a TSD accepts with one point, the host tag included. OpenTSDB's `Const.MAX_NUM_TAGS`.
inline constexpr std::size_t max_tags = 8;
/// The most bytes of `metric key=value …`. With it, no timestamp, value and host name make a line longer than 1023 characters.
inline constexpr std::size_t max_series_text = 800;

/// A metric and its tags, immutable and interned: equal series share one node, so that copies and comparisons cost a
/// pointer. The tags are sorted by key.
///
/// Thread safety: a value, like `std::shared_ptr<const T>`: distinct objects may be used from any thread.
class Series {
public:
    /// The form of the timestamps of a series. A TSD stores the two forms in different cells.
    enum class Precision : std::uint8_t {
        seconds,      ///< 10 digits
        milliseconds, ///< 13 digits
    };

    /// Throws UsageError with a sentence when there are too many tags or the text is longer than `max_series_text`.
    /// Allocates when the series is new.
    explicit Series(Name metric, const Tags& tags = {}, SeriesOptions options = {});

    Series(const Series& other) noexcept : node_{other.node_} {
        if (node_ != nullptr) {
            acquire(node_);
        }
    }
    Series(Series&& other) noexcept : node_{std::exchange(other.node_, nullptr)} {}
    Series& operator=(Series other) noexcept {
        std::swap(node_, other.node_);
        return *this;
    }
    ~Series() {
        if (node_ != nullptr) {
            release(node_);
        }
    }

    [[nodiscard]] std::string_view metric() const noexcept;
    /// Returns `key=value key=value`, sorted by key; empty without tags.
    [[nodiscard]] std::string_view tags_text() const noexcept;
    /// Returns `metric key=value …`; distinguishes series, except by their step.
    [[nodiscard]] std::string_view text() const noexcept;
    [[nodiscard]] Tags tags() const;
    [[nodiscard]] std::size_t tag_count() const noexcept;
    /// Returns whether the series has a `host` tag of its own; outputs then add none.
    [[nodiscard]] bool has_host_tag() const noexcept;
    /// The position in `tags_text()` at which a `host=` tag belongs, in the order of keys.
    [[nodiscard]] std::size_t host_tag_offset() const noexcept;
    [[nodiscard]] std::chrono::nanoseconds step() const noexcept;
    [[nodiscard]] Precision precision() const noexcept;
    [[nodiscard]] SeriesOptions::Merge merge() const noexcept;
    /// The options of the constructor.
    [[nodiscard]] SeriesOptions options() const noexcept;

    /// Same metric, tags and options.
    friend bool operator==(const Series& a, const Series& b) noexcept { return a.node_ == b.node_; }
    [[nodiscard]] std::size_t hash() const noexcept { return std::hash<const void*>{}(node_); }

private:
    friend class point::PointBuffer; // which counts a reference for many points
    friend class point::SeriesTable;
    struct Uncounted {};
    Series(Uncounted /*tag*/, const Series& other) noexcept : node_{other.node_} {}

    static void acquire(point::SeriesNode* node) noexcept;
    static void release(point::SeriesNode* node) noexcept;

    point::SeriesNode* node_; // null only when moved from
};

} // namespace tickertape

template <>
struct std::hash<tickertape::Series> {
    std::size_t operator()(const tickertape::Series& series) const noexcept { return series.hash(); }
};
