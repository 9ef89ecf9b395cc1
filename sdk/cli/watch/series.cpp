// SPDX-License-Identifier: MIT
#include "cli/watch/series.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "cli/lines/expand.hpp"

namespace tickertape::cli::watch {

namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t distances_kept =
    64; // the step comes from at least this number of distances, and at most twice as many
constexpr std::size_t first_cells = 16;
// Unless dedup holds it back, a value comes with the collector's next dump, by default after 15 s.
constexpr milliseconds dump_period{20'000};

std::int64_t floored(std::int64_t stamp, milliseconds unit) noexcept {
    const std::int64_t quotient = stamp / unit.count();
    return stamp < 0 && quotient * unit.count() != stamp ? quotient - 1 : quotient;
}

/// Returns infinity for a value beyond the range of a float; no mean is computed from it.
float to_float(double value) noexcept {
    constexpr double most = std::numeric_limits<float>::max();
    constexpr float infinity = std::numeric_limits<float>::infinity();
    return std::abs(value) <= most ? static_cast<float>(value) : value > 0 ? infinity : -infinity;
}

// Sets the marks of columns, by their number since 1970.
class Painter {
public:
    // Columns before `from` stay blank.
    Painter(const Grid& grid, std::int64_t from)
        : columns_(grid.columns), first_{floored(grid.edge, grid.column) - static_cast<std::int64_t>(grid.columns) + 1},
          from_{std::max(from, first_)} {}

    void value(std::int64_t from, std::int64_t to, double value) {
        for_each(from, to, [value](Column& column) {
            column.max = column.mark == Mark::value ? std::max(column.max, value) : value;
            column.mark = Mark::value;
        });
    }
    void gap(std::int64_t from, std::int64_t to) {
        for_each(from, to, [](Column& column) { column.mark = column.mark == Mark::blank ? Mark::gap : column.mark; });
        if (from > to) {
            for_each(to + 1, to + 1, [](Column& column) { column.has_gap = true; });
        }
    }
    void tail(std::int64_t from, Mark mark) {
        for_each(from, std::numeric_limits<std::int64_t>::max(), [mark](Column& column) { column.mark = mark; });
    }
    [[nodiscard]] std::vector<Column> take() { return std::move(columns_); }

private:
    template <class F>
    void for_each(std::int64_t from, std::int64_t to, F f) {
        const auto end = first_ + static_cast<std::int64_t>(columns_.size());
        for (std::int64_t i = std::max(from, from_); i <= std::min(to, end - 1); ++i) {
            f(columns_[static_cast<std::size_t>(i - first_)]);
        }
    }

    std::vector<Column> columns_;
    std::int64_t first_;
    std::int64_t from_;
};

} // namespace

void WatchSeries::Cell::add(std::int64_t stamp, double value) noexcept {
    const std::int64_t end = std::max(last(), stamp);
    first = std::min(first, stamp);
    span = static_cast<std::uint16_t>(end - first);
    max = std::max(max, value);
    if (count < std::numeric_limits<std::uint16_t>::max()) {
        ++count;
    }
    mean = to_float(static_cast<double>(mean) + (value - static_cast<double>(mean)) / count);
}

bool WatchSeries::add(std::int64_t stamp, Value value, const WatchSeriesOptions& options) {
    if (readings_ > 0 && stamp < newest_stamp_) {
        return insert_late(stamp, value.as_double(), options);
    }
    if (readings_ > 0 && stamp > newest_stamp_) {
        const milliseconds distance{stamp - newest_stamp_};
        note_distance(distance);
        const milliseconds length = step(options).value_or(distance);
        const lines::ExpandOptions rule{.step = length, .dedup = options.dedup};
        if (!lines::follows(distance, length) && !lines::is_run(distance, value == newest_, rule)) {
            ++gaps_;
        }
        previous_ = newest_;
        previous_stamp_ = newest_stamp_;
        readings_ = 2;
    }
    readings_ = std::max<std::uint32_t>(readings_, 1);
    newest_ = value;
    newest_stamp_ = stamp;
    push(stamp, value.as_double(), options);
    return true;
}

void WatchSeries::note_distance(milliseconds distance) noexcept {
    smallest_ = std::min(smallest_.value_or(distance), distance);
    if (++distances_ == distances_kept) {
        smallest_before_ = std::exchange(smallest_, std::nullopt);
        distances_ = 0;
    }
}

std::optional<milliseconds> WatchSeries::step(const WatchSeriesOptions& options) const noexcept {
    if (options.granularity) {
        return options.granularity;
    }
    if (smallest_ && smallest_before_) {
        return std::min(*smallest_, *smallest_before_);
    }
    return smallest_ ? smallest_ : smallest_before_;
}

std::optional<double> WatchSeries::change_per_second() const noexcept {
    if (readings_ < 2) {
        return std::nullopt;
    }
    constexpr double ms_per_second = 1000;
    const double change = (newest_.as_double() - previous_.as_double()) * ms_per_second /
                          static_cast<double>(newest_stamp_ - previous_stamp_);
    return std::isfinite(change) ? std::optional{change} : std::nullopt;
}

void WatchSeries::push(std::int64_t stamp, double value, const WatchSeriesOptions& options) {
    if (!cells_.empty() && floored(cells_.back().first, options.cell) == floored(stamp, options.cell)) {
        cells_.back().add(stamp, value);
        return;
    }
    if (cells_.full() && cells_.capacity() < options.cells) {
        cells_.set_capacity(std::min(options.cells, std::max(first_cells, 2 * cells_.capacity())));
    }
    has_lost_cells_ = has_lost_cells_ || cells_.full();
    cells_.push_back({.first = stamp, .max = value, .mean = to_float(value), .span = 0, .count = 1});
}

bool WatchSeries::insert_late(std::int64_t stamp, double value, const WatchSeriesOptions& options) {
    const std::int64_t index = floored(stamp, options.cell);
    const auto at = std::lower_bound(cells_.begin(), cells_.end(), index, [&](const Cell& cell, std::int64_t wanted) {
        return floored(cell.first, options.cell) < wanted;
    });
    if (at != cells_.end() && floored(at->first, options.cell) == index) {
        at->add(stamp, value);
        return true;
    }
    if (cells_.size() < options.cells) {
        const auto place = at - cells_.begin();
        if (cells_.full()) {
            cells_.set_capacity(std::min(options.cells, 2 * cells_.capacity()));
        }
        cells_.insert(cells_.begin() + place,
                      {.first = stamp, .max = value, .mean = to_float(value), .span = 0, .count = 1});
        return true;
    }
    return false;
}

WatchSeries::Link WatchSeries::link(const Cell& from, const Cell& to, milliseconds step,
                                    const WatchSeriesOptions& options) const noexcept {
    const milliseconds distance{to.first - from.last()};
    if (lines::follows(distance, step)) {
        return {.is_gap = false, .held = 0};
    }
    // At steps for which dedup works, a cell has one reading.
    const bool held = lines::is_run(distance, from.max == to.max, {.step = step, .dedup = options.dedup});
    return {.is_gap = !held, .held = held ? (distance + step / 2) / step - 1 : 0};
}

// Returns the first column whose cells are all kept.
std::int64_t WatchSeries::kept_from(const Grid& grid, const WatchSeriesOptions& options) const noexcept {
    if (!has_lost_cells_) {
        return std::numeric_limits<std::int64_t>::min();
    }
    const std::int64_t begin = floored(cells_.front().first, options.cell) * options.cell.count();
    return floored(begin - 1, grid.column) + 1;
}

std::vector<Column> WatchSeries::columns(const Grid& grid, const WatchSeriesOptions& options) const {
    Painter painter{grid, kept_from(grid, options)};
    const auto column_of = [&](std::int64_t stamp) { return floored(stamp, grid.column); };
    const milliseconds length = step(options).value_or(options.cell);
    for (std::size_t i = 0; i < cells_.size(); ++i) {
        const Cell& cell = cells_[i];
        const bool is_last = i + 1 == cells_.size();
        const Link next = is_last ? Link{.is_gap = true, .held = 0} : link(cell, cells_[i + 1], length, options);
        const std::int64_t own_end =
            column_of(cell.last() + length.count()) - 1; // the end of a bucket that is longer than a column
        const std::int64_t end =
            std::max(column_of(cell.last()), next.is_gap ? own_end : column_of(cells_[i + 1].first) - 1);
        painter.value(column_of(cell.first), end, cell.max);
        if (next.is_gap && !is_last) {
            painter.gap(end + 1, column_of(cells_[i + 1].first) - 1);
        } else if (is_last) {
            const bool may_be_held = lines::is_run(length, true, {.step = length, .dedup = options.dedup});
            const milliseconds patience = may_be_held ? options.dedup + length : std::max(dump_period, 2 * length);
            painter.tail(end + 1, grid.edge - cell.last() > patience.count() ? Mark::gap : Mark::waiting);
        }
    }
    return painter.take();
}

std::optional<Extent> WatchSeries::extent(const Grid& grid, const WatchSeriesOptions& options) const {
    const std::int64_t end = (floored(grid.edge, grid.column) + 1) * grid.column.count();
    const std::int64_t first = floored(grid.edge, grid.column) - static_cast<std::int64_t>(grid.columns) + 1;
    const std::int64_t begin = std::max(first, kept_from(grid, options)) * grid.column.count();
    const milliseconds length = step(options).value_or(options.cell);
    std::optional<Extent> result;
    double sum = 0;
    double weight = 0;
    for (std::size_t i = cells_.size(); i-- > 0;) {
        const Cell& cell = cells_[i];
        const Link next =
            i + 1 == cells_.size() ? Link{.is_gap = true, .held = 0} : link(cell, cells_[i + 1], length, options);
        if (cell.first >= end) {
            continue;
        }
        const std::int64_t covered = cell.last() + (next.held + 1) * length.count();
        if (covered <= begin) {
            break;
        }
        const double count = cell.count + static_cast<double>(next.held);
        sum += static_cast<double>(cell.mean) * count;
        weight += count;
        result = Extent{.max = result ? std::max(result->max, cell.max) : cell.max};
    }
    if (result && sum > 0 && std::isfinite(sum)) {
        const double ratio = result->max / (sum / weight);
        result->peak_to_mean = std::isfinite(ratio) ? std::optional{ratio} : std::nullopt;
    }
    return result;
}

} // namespace tickertape::cli::watch
