// SPDX-License-Identifier: MIT
/// \file
/// Cells: a series as a map of time, periods beside each other and offsets beneath each other.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include <tickertape/burst.hpp>

namespace tickertape::cli::burst {

/// How dark a cell is, by the logarithm of its value.
class ShadeScale {
public:
    static constexpr int no_data = -1;
    static constexpr int zero = 0; ///< 0 and below
    static constexpr int darkest = 9;

    /// Shades from 1 to the darkest one for `low` to `high`, both above 0.
    ShadeScale(double low, double high);
    [[nodiscard]] int shade(double value) const;
    /// The least value that has this shade, of those above `zero`.
    [[nodiscard]] double from(int shade) const;

private:
    double low_;
    double high_;
};

/// Columns of a second and rows of 20 ms, for buckets of a second and more columns of a minute and rows of a second, and
/// so on. A cell is the maximum of its buckets.
class Cells {
public:
    Cells(std::chrono::nanoseconds period, std::chrono::nanoseconds row, WallTime begin, std::size_t periods,
          std::size_t columns, ShadeScale scale);

    void add(WallTime start, double value);

    [[nodiscard]] std::chrono::nanoseconds row_length() const noexcept { return row_; }
    /// The time that the rows divide.
    [[nodiscard]] std::chrono::nanoseconds period() const noexcept { return period_; }
    [[nodiscard]] std::chrono::nanoseconds column_length() const noexcept {
        return span() / static_cast<std::int64_t>(columns_);
    }
    /// Of all columns.
    [[nodiscard]] std::chrono::nanoseconds span() const noexcept {
        return period_ * static_cast<std::int64_t>(periods_);
    }
    /// Of the first period.
    [[nodiscard]] WallTime begin() const noexcept { return begin_; }
    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
    [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
    [[nodiscard]] const ShadeScale& scale() const noexcept { return scale_; }
    /// `ShadeScale::no_data` also below the last row.
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

/// `samples` in at most `most` columns. Nothing for less than two periods or rows, and where no value is above 0.
template <tickertape::burst::Number T>
[[nodiscard]] std::optional<Cells> cells_of(const tickertape::burst::Samples<T>& samples, std::size_t most);

} // namespace tickertape::cli::burst
