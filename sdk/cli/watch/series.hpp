// SPDX-License-Identifier: MIT
/// \file
/// WatchSeries: the readings of a series in `tickertape watch`, and their columns.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <boost/circular_buffer.hpp>

#include <tickertape/value.hpp>

namespace tickertape::cli::watch {

/// The amount of data that is kept, and the length of silence that is a gap.
struct WatchSeriesOptions {
    /// The finest column: one maximum is kept for each such period. At most a second, so that each reading that dedup let through
    /// has a cell of its own.
    std::chrono::milliseconds cell{1000};
    /// The most cells, 24 bytes each; the oldest goes first.
    std::size_t cells = 600;
    /// Equal neighbours at most this far apart are one value that was held back. 0: no value was.
    std::chrono::milliseconds dedup{300'000};
    /// The length of a bucket. Not set: the smallest distance between neighbours among the latest timestamps of the series.
    std::optional<std::chrono::milliseconds> granularity{};
};

/// The content of a column.
enum class Mark : std::uint8_t {
    blank,   ///< before the first reading, or no longer kept in full
    value,   ///< has a value, the maximum of its buckets
    waiting, ///< after the newest reading: held back by dedup, or not here yet
    gap,     ///< buckets are missing
};

struct Column {
    Mark mark = Mark::blank;
    double max = 0;
    bool has_gap = false; ///< the column has a value, but some of its buckets are missing

    friend bool operator==(const Column&, const Column&) = default;
};

/// The columns of a picture. They begin at multiples of their length, so a reading does not move to another column as time
/// passes.
struct Grid {
    std::chrono::milliseconds column{1000};
    std::int64_t edge = 0; ///< a time in the last column, in milliseconds since 1970; nothing newer counts as missing
    std::size_t columns = 60;
};

/// The summary of the readings within a grid.
struct Extent {
    double max = 0;
    std::optional<double> peak_to_mean{}; ///< nothing if the mean is not above 0, or beyond a float
};

/// The readings of one series.
///
/// Thread safety: one thread at a time.
class WatchSeries {
public:
    /// Adds a reading. Readings should come in order of time; a late one is added if its time is still kept. A second reading
    /// with the newest timestamp replaces the first. Returns false if the reading is too old.
    bool add(std::int64_t stamp, Value value, const WatchSeriesOptions& options);

    [[nodiscard]] Value newest() const noexcept { return newest_; }
    [[nodiscard]] std::int64_t newest_stamp() const noexcept { return newest_stamp_; }
    /// Returns the change between the last two readings.
    [[nodiscard]] std::optional<double> change_per_second() const noexcept;
    /// Returns how often buckets were missing between two neighbouring readings.
    [[nodiscard]] std::uint64_t gaps() const noexcept { return gaps_; }
    /// Returns the length of a bucket, once two timestamps are known.
    [[nodiscard]] std::optional<std::chrono::milliseconds> step(const WatchSeriesOptions& options) const noexcept;

    /// Returns `grid.columns` columns, the newest last.
    [[nodiscard]] std::vector<Column> columns(const Grid& grid, const WatchSeriesOptions& options) const;
    /// Returns nothing if no reading is within the grid.
    [[nodiscard]] std::optional<Extent> extent(const Grid& grid, const WatchSeriesOptions& options) const;

    [[nodiscard]] std::size_t cells() const noexcept { return cells_.size(); }

private:
    // The readings of a cell.
    struct Cell {
        std::int64_t first;
        double max;
        float mean;
        std::uint16_t span;  // the time from the first timestamp to the last one
        std::uint16_t count; // the weight for the mean
        [[nodiscard]] std::int64_t last() const noexcept { return first + span; }
        void add(std::int64_t stamp, double value) noexcept;
    };
    static_assert(sizeof(Cell) == 24);
    // The time between a cell and the next one.
    struct Link {
        bool is_gap;
        std::int64_t held; // how many buckets were held back
    };

    [[nodiscard]] Link link(const Cell& from, const Cell& to, std::chrono::milliseconds step,
                            const WatchSeriesOptions& options) const noexcept;
    void note_distance(std::chrono::milliseconds distance) noexcept;
    void push(std::int64_t stamp, double value, const WatchSeriesOptions& options);
    [[nodiscard]] std::int64_t kept_from(const Grid& grid, const WatchSeriesOptions& options) const noexcept;
    bool insert_late(std::int64_t stamp, double value, const WatchSeriesOptions& options);

    boost::circular_buffer<Cell> cells_;
    Value newest_;
    Value previous_;
    std::int64_t newest_stamp_ = 0;
    std::int64_t previous_stamp_ = 0;
    std::uint64_t gaps_ = 0;
    // The smallest of the latest distances only, because one odd distance must not count for ever.
    std::optional<std::chrono::milliseconds> smallest_{};
    std::optional<std::chrono::milliseconds> smallest_before_{};
    std::uint32_t distances_ = 0;
    std::uint32_t readings_ = 0; // 0, 1, or 2 for more
    bool has_lost_cells_ = false;
};

} // namespace tickertape::cli::watch
