// SPDX-License-Identifier: MIT
#include "cli/burst/cells.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tickertape::cli::burst {

namespace {

using std::chrono::nanoseconds;

constexpr double nothing = -std::numeric_limits<double>::infinity();

struct Raster {
    nanoseconds period; // the time of a column
    nanoseconds row;
};

Raster raster_of(nanoseconds granularity) {
    using namespace std::chrono_literals;
    if (granularity < 1s) {
        return {.period = 1s, .row = std::max<nanoseconds>(granularity, 20ms)};
    }
    if (granularity < 1min) {
        return {.period = 1min, .row = granularity};
    }
    return granularity < 1h ? Raster{.period = 1h, .row = granularity}
                            : Raster{.period = 24h, .row = std::max<nanoseconds>(granularity, 1h)};
}

} // namespace

ShadeScale::ShadeScale(double low, double high) : low_{std::log(low)}, high_{std::log(high)} {}

int ShadeScale::shade(double value) const {
    if (!(value > 0)) {
        return std::isfinite(value) ? zero : no_data;
    }
    const double part = high_ > low_ ? (std::log(value) - low_) / (high_ - low_) : 1.0;
    return 1 + static_cast<int>((part > 0 ? std::min(part, 1.0) : 0.0) * (darkest - 1e-9));
}

double ShadeScale::from(int shade) const { return std::exp(low_ + (high_ - low_) * (shade - 1) / darkest); }

Cells::Cells(nanoseconds period, nanoseconds row, WallTime begin, std::size_t periods, std::size_t columns,
             ShadeScale scale)
    : period_{period}, row_{row}, begin_{begin}, periods_{periods}, columns_{columns},
      rows_{static_cast<std::size_t>((period + row - nanoseconds{1}) / row)}, scale_{scale},
      maxima_(rows_ * columns, nothing) {}

void Cells::add(WallTime start, double value) {
    const nanoseconds since = start - begin_;
    const auto column = static_cast<std::size_t>(since / period_) * columns_ / periods_;
    const auto row = static_cast<std::size_t>(since % period_ / row_);
    double& found = maxima_[row * columns_ + column];
    found = std::max(found, value);
}

int Cells::shade(std::size_t row, std::size_t column) const {
    return row < rows_ ? scale_.shade(maxima_[row * columns_ + column]) : ShadeScale::no_data;
}

template <tickertape::burst::Number T>
std::optional<Cells> cells_of(const tickertape::burst::Samples<T>& samples, std::size_t most) {
    double low = std::numeric_limits<double>::infinity();
    double high = 0;
    for (const T value : samples.values()) {
        if (value > 0) {
            low = std::min(low, static_cast<double>(value));
            high = std::max(high, static_cast<double>(value));
        }
    }
    if (!(high > 0)) {
        return std::nullopt;
    }
    const auto [period, row] = raster_of(samples.granularity());
    const std::int64_t first = samples.start_of(0).time_since_epoch() / period;
    const std::int64_t last = samples.start_of(samples.size() - 1).time_since_epoch() / period;
    const auto periods = static_cast<std::size_t>(last - first) + 1;
    if (periods < 2 || row >= period) {
        return std::nullopt;
    }
    Cells cells{period, row, WallTime{period * first}, periods, std::min(periods, most), {low, high}};
    for (const auto& stretch : samples.stretches()) {
        WallTime start = stretch.start;
        for (const T value : samples.values_of(stretch)) {
            cells.add(start, static_cast<double>(value));
            start += samples.granularity();
        }
    }
    return cells;
}

template std::optional<Cells> cells_of(const tickertape::burst::Samples<std::int64_t>&, std::size_t);
template std::optional<Cells> cells_of(const tickertape::burst::Samples<double>&, std::size_t);

} // namespace tickertape::cli::burst
