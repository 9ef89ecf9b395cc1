// SPDX-License-Identifier: MIT
/// \file
/// SecondCell: merges the values of one series in one second.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <tickertape/point.hpp>

namespace tickertape::stage {

/// Merges values, of one second at a time. Timestamps only go up, unless time goes back by more than a minute.
///
/// Thread safety: none.
class SecondCell {
public:
    /// A value counts for the current timestamp if it is at most this many seconds older.
    static constexpr std::int64_t most_behind = 60;

    /// Returns false near the first and the last time of 64 bits, where timestamps could overflow.
    [[nodiscard]] static bool has_timestamps(WallTime time) noexcept {
        constexpr std::chrono::seconds margin{2 * most_behind};
        return time >= WallTime::min() + margin && time <= WallTime::max() - margin;
    }

    /// `next`: the earliest second that may be sent. Throws UsageError when the series of a timing would have too long
    /// names.
    SecondCell(const Series& series, std::int64_t next);

    enum class Taken : std::uint8_t { in_time, late, reanchored };
    /// Takes a value of a time that has timestamps. Before that, moves values of another second to `out`.
    Taken take(WallTime time, Value value, std::vector<Point>& out);

    /// Returns whether it has values.
    [[nodiscard]] bool is_open() const noexcept { return count_ > 0; }
    /// The timestamp of its values.
    [[nodiscard]] std::int64_t second() const noexcept { return second_; }
    /// The earliest second that may still be sent.
    [[nodiscard]] std::int64_t next() const noexcept { return next_; }
    /// Appends its points to `out`, and is empty afterwards.
    void close(std::vector<Point>& out);
    /// Returns whether a sum was too large for a double since the last call.
    [[nodiscard]] bool was_not_finite() noexcept;

private:
    void open(std::int64_t second, Value value);
    void merge(Value value, bool is_late);

    std::array<std::optional<Series>, 3> series_;
    SeriesOptions::Merge merge_;
    bool not_finite_ = false;
    std::int64_t second_ = 0;
    std::int64_t next_;
    std::uint64_t count_ = 0;
    Value value_; // the sum of integers, or the last
    double sum_ = 0;
    double max_ = 0;
    bool is_integer_ = true; // the sum is value_, else sum_
};

} // namespace tickertape::stage
