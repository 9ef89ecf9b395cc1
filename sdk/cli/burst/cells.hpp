// SPDX-License-Identifier: MIT
/// \file
/// Cells: a series as a map: one column for each period of time, one row for each offset within the period.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include <tickertape/burst.hpp>

namespace tickertape::cli::burst {

/// The shade of a cell, by the logarithm of its value.
class ShadeScale {
public:
    static constexpr int no_data = -1;
    static constexpr int zero = 0; ///< a value of 0 or below
    static constexpr int darkest = 9;

    /// Spreads the shades from 1 to the darkest over the values from `low` to `high`, both above 0.
    ShadeScale(double low, double high);
    [[nodiscard]] int shade(double value) const;
    /// Returns the smallest value above 0 that has this shade.
    [[nodiscard]] double from(int shade) const;

private:
    double low_;
    double high_;
};

/// The cells of a series. Columns are seconds and rows 20 ms; for buckets of a second and more, columns are minutes and rows
/// seconds, and so on. A cell is the maximum of its buckets.
class Cells {
public:
    Cells(std::chrono::nanoseconds period, std::chrono::nanoseconds row, WallTime begin, std::size_t periods,
          std::size_t columns, ShadeScale scale);

    void add(WallTime start, double value);

    [[nodiscard]] std::chrono::nanoseconds row_length() const noexcept { return row_; }
    /// Returns the time of a column.
    [[nodiscard]] std::chrono::nanoseconds period() const noexcept { return period_; }
    [[nodiscard]] std::chrono::nanoseconds column_length() const noexcept {
        return span() / static_cast<std::int64_t>(columns_);
    }
    /// Returns the time of all columns.
    [[nodiscard]] std::chrono::nanoseconds span() const noexcept {
        return period_ * static_cast<std::int64_t>(periods_);
    }
    /// Returns the begin of the first column.
    [[nodiscard]] WallTime begin() const noexcept { return begin_; }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
    [[nodiscard]] const ShadeScale& scale() const noexcept { return scale_; }
    /// Returns `ShadeScale::no_data` also for a row below the last one.
    [[nodiscard]] int shade(std::size_t row, std::size_t column) const;

private:
    std::chrono::nanoseconds period_;
    std::chrono::nanoseconds row_;
    WallTime begin_;
    std::size_t periods_;
    std::size_t columns_;
    std::size_t rows_;
    ShadeScale scale_;
    std::vector<double> maxima_;
};

/// Puts `samples` into at most `most` columns. Returns nothing for less than two columns or rows, and if no value is above 0.
template <tickertape::burst::Number T>
[[nodiscard]] std::optional<Cells> cells_of(const tickertape::burst::Samples<T>& samples, std::size_t most);

} // namespace tickertape::cli::burst
