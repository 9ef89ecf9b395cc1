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

/// How much is kept, and which silence is a gap.
struct WatchSeriesOptions {
    /// The finest column: maxima are kept of so much time. At most a second, so that what dedup has thinned out has one
    /// reading in it.
    std::chrono::milliseconds cell{1000};
    /// The most cells; the oldest goes first. 24 bytes each.
    std::size_t cells = 600;
    /// Equal neighbours up to so far apart are a value that was held back. 0: none was.
    std::chrono::milliseconds dedup{300'000};
    /// The length of a bucket; else the smallest distance between two of the latest stamps of the series.
    std::optional<std::chrono::milliseconds> granularity{};
};

/// The content of a column.
enum class Mark : std::uint8_t {
    blank,   ///< from before the first reading, or what is kept no longer in full
    value,   ///< the maximum of its buckets
    waiting, ///< behind the newest reading: held back by dedup, or not yet here
    gap,     ///< buckets are missing
};

struct Column {
    Mark mark = Mark::blank;
    double max = 0;
    bool has_gap = false; ///< beside the value: something is missing, but no whole column

    friend bool operator==(const Column&, const Column&) = default;
};

/// The columns of a picture: they begin at multiples of their length, so that what is in one column stays together.
struct Grid {
    std::chrono::milliseconds column{1000};
    std::int64_t edge = 0; ///< in the last column, in milliseconds since 1970; nothing is missing that is newer
    std::size_t columns = 60;
};

/// The readings in the time of a grid, summed up.
struct Extent {
    double max = 0;
    std::optional<double> peak_to_mean{}; ///< nothing where the mean is not above 0, or beyond a float
};

/// Thread safety: one thread at a time.
class WatchSeries {
public:
    /// Takes readings, best in order of time; one that is late gets its place if that is still kept. A reading at the
    /// newest stamp replaces the newest value. Returns false if it was too old for a place.
    bool add(std::int64_t stamp, Value value, const WatchSeriesOptions& options);

    [[nodiscard]] Value newest() const noexcept { return newest_; }
    [[nodiscard]] std::int64_t newest_stamp() const noexcept { return newest_stamp_; }
    /// From the reading before the newest one to that.
    [[nodiscard]] std::optional<double> change_per_second() const noexcept;
    /// Times that buckets were missing between a reading and the one that came behind it.
    [[nodiscard]] std::uint64_t gaps() const noexcept { return gaps_; }
    /// The length of a bucket, once two stamps are known.
    [[nodiscard]] std::optional<std::chrono::milliseconds> step(const WatchSeriesOptions& options) const noexcept;

    /// `grid.columns` columns, the newest last.
    [[nodiscard]] std::vector<Column> columns(const Grid& grid, const WatchSeriesOptions& options) const;
    /// Nothing if no reading is that new.
    [[nodiscard]] std::optional<Extent> extent(const Grid& grid, const WatchSeriesOptions& options) const;

    [[nodiscard]] std::size_t cells() const noexcept { return cells_.size(); }

private:
    // The readings of a cell.
    struct Cell {
        std::int64_t first;
        double max;
        float mean;
        std::uint16_t span;  // from the first stamp to the last one
        std::uint16_t count; // as the weight of the mean
        [[nodiscard]] std::int64_t last() const noexcept { return first + span; }
        void add(std::int64_t stamp, double value) noexcept;
    };
    static_assert(sizeof(Cell) == 24);
    // The space between a cell and the next one.
    struct Link {
        bool is_gap;
        std::int64_t held; // buckets that were held back
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
    // Of the latest distances of neighbours; older ones are forgotten, so that a stray one does not count for ever.
    std::optional<std::chrono::milliseconds> smallest_{};
    std::optional<std::chrono::milliseconds> smallest_before_{};
    std::uint32_t distances_ = 0;
    std::uint32_t readings_ = 0; // 0, 1 or 2
    bool has_lost_cells_ = false;
};

} // namespace tickertape::cli::watch
