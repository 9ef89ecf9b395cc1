// SPDX-License-Identifier: MIT
// The subsecond-offset heat map.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "burst_pictures.hpp"
#include "burst_text.hpp"

namespace tickertape::cli {

namespace {

using std::chrono::nanoseconds;

constexpr std::string_view shades = ".:-=+*oX#@"; // the first is 0
constexpr std::array<int, 10> colours{236, 17, 19, 55, 91, 127, 163, 204, 215, 227};
constexpr std::size_t margin = 8; // `  980 ms`
constexpr int no_data = -1;

struct Raster {
    nanoseconds period; // of a column
    nanoseconds row;
};

Raster raster_of(nanoseconds granularity) {
    using namespace std::chrono_literals;
    if (granularity < 1s) {
        return {1s, std::max<nanoseconds>(granularity, 20ms)};
    }
    if (granularity < 1min) {
        return {1min, granularity};
    }
    return granularity < 1h ? Raster{1h, granularity} : Raster{24h, std::max<nanoseconds>(granularity, 1h)};
}

// Shades from 1 to the last one for `low` to `high`, by the logarithm; 0 for 0 and below.
class Scale {
public:
    Scale(double low, double high) : low_{std::log(low)}, high_{std::log(high)} {}
    [[nodiscard]] int shade(double value) const {
        if (!(value > 0)) {
            return 0;
        }
        const double part = high_ > low_ ? (std::log(value) - low_) / (high_ - low_) : 1.0;
        return 1 + static_cast<int>(std::clamp(part, 0.0, 1.0) * (steps - 1e-9));
    }
    /// The least value that has this shade.
    [[nodiscard]] double from(int shade) const { return std::exp(low_ + (high_ - low_) * (shade - 1) / steps); }

private:
    static constexpr double steps = static_cast<double>(shades.size() - 1);
    double low_;
    double high_;
};

class Map {
public:
    Map(std::size_t rows, std::size_t columns)
        : rows_{rows}, columns_{columns}, cells_(rows * columns, -std::numeric_limits<double>::infinity()) {}
    double& at(std::size_t row, std::size_t column) { return cells_[row * columns_ + column]; }
    [[nodiscard]] double at(std::size_t row, std::size_t column) const { return cells_[row * columns_ + column]; }
    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::size_t columns() const { return columns_; }
    [[nodiscard]] int shade(std::size_t row, std::size_t column, const Scale& scale) const {
        return row < rows_ && std::isfinite(at(row, column)) ? scale.shade(at(row, column)) : no_data;
    }

private:
    std::size_t rows_;
    std::size_t columns_;
    std::vector<double> cells_;
};

std::string colour_code(int shade, bool background) {
    if (shade == no_data) {
        return background ? "49" : "39";
    }
    std::string code{background ? "48;5;" : "38;5;"};
    return code.append(std::to_string(colours[static_cast<std::size_t>(shade)]));
}

// Two rows in one line: the upper half of a character is the foreground.
std::string half_cell(int upper, int lower) {
    if (upper == no_data && lower == no_data) {
        return "\x1b[0m ";
    }
    std::string text{"\x1b[0;"};
    if (upper == no_data) {
        return text.append(colour_code(lower, false)).append("m▄");
    }
    return text.append(colour_code(upper, false)).append(";").append(colour_code(lower, true)).append("m▀");
}

std::string cell(int shade, const Style& style) {
    if (shade == no_data) {
        return style.colour ? "\x1b[0m " : " ";
    }
    if (!style.colour) {
        return std::string(1, shades[static_cast<std::size_t>(shade)]);
    }
    std::string text{"\x1b[0;"};
    return text.append(colour_code(shade, true)).append("m ");
}

std::string label(nanoseconds offset) {
    std::string text = offset.count() == 0 ? "0" : length_text(offset);
    return text.insert(0, margin - 1 - std::min(margin - 1, text.size()), ' ').append(" ");
}

void append_legend(std::string& out, const Scale& scale, const Style& style) {
    std::size_t used = margin;
    out.append(margin, ' ');
    for (int shade = 0; shade < static_cast<int>(shades.size()); ++shade) {
        std::string text{" "};
        text.append(shade == 0 ? "0" : std::string{}.append(short_text(scale.from(shade))));
        if (used > margin && used + text.size() + 3 > style.columns) {
            out.append("\n").append(margin, ' ');
            used = margin;
        }
        out.append(used > margin ? "  " : "")
            .append(cell(shade, style))
            .append(style.colour ? "\x1b[0m" : "")
            .append(text);
        used += text.size() + (used > margin ? 3 : 1);
    }
    out.append("\n");
}

template <burst::Number T>
Map map_of(const burst::Samples<T>& samples, const Raster& raster, std::int64_t first, std::size_t periods,
           std::size_t columns) {
    Map map{static_cast<std::size_t>((raster.period + raster.row - nanoseconds{1}) / raster.row), columns};
    for (const burst::Stretch& stretch : samples.stretches()) {
        WallTime start = stretch.start;
        for (const T value : samples.values_of(stretch)) {
            const auto since = start.time_since_epoch();
            const auto period = static_cast<std::size_t>(since / raster.period - first);
            const auto row = static_cast<std::size_t>(since % raster.period / raster.row);
            double& found = map.at(row, period * columns / periods);
            found = std::max(found, static_cast<double>(value));
            start += samples.granularity();
        }
    }
    return map;
}

} // namespace

template <burst::Number T>
std::string heat_map(const burst::Samples<T>& samples, const Style& style) {
    if (samples.empty()) {
        return {};
    }
    const Raster raster = raster_of(samples.granularity());
    const std::int64_t first = samples.start_of(0).time_since_epoch() / raster.period;
    const std::int64_t last = samples.start_of(samples.size() - 1).time_since_epoch() / raster.period;
    const auto periods = static_cast<std::size_t>(last - first) + 1;
    if (periods < 2) {
        return {};
    }
    double low = std::numeric_limits<double>::infinity();
    double high = 0;
    for (const T value : samples.values()) {
        if (value > 0) {
            low = std::min(low, static_cast<double>(value));
            high = std::max(high, static_cast<double>(value));
        }
    }
    if (!(high > 0)) {
        return {};
    }
    const Scale scale{low, high};
    const std::size_t columns = std::min(periods, style.columns - margin);
    const Map map = map_of(samples, raster, first, periods, columns);
    std::string out;
    const bool halves = style.utf8 && style.colour;
    for (std::size_t row = 0; row < map.rows(); row += halves ? 2 : 1) {
        out.append(row % 10 == 0 ? label(raster.row * static_cast<std::int64_t>(row)) : std::string(margin, ' '));
        for (std::size_t column = 0; column < columns; ++column) {
            const int shade = map.shade(row, column, scale);
            out.append(halves ? half_cell(shade, map.shade(row + 1, column, scale)) : cell(shade, style));
        }
        if (style.colour) {
            out.append("\x1b[0m");
        }
        out.append("\n");
    }
    append_wrapped(out,
                   {std::string{"a column: "}.append(length_text(raster.period * static_cast<std::int64_t>(periods) /
                                                                 static_cast<std::int64_t>(columns))),
                    std::string{"a row: "}.append(length_text(raster.row)), "a cell: its maximum", "blank: no data"},
                   margin, style.columns, ", ");
    append_legend(out, scale, style);
    return out;
}

template std::string heat_map(const burst::Samples<std::int64_t>&, const Style&);
template std::string heat_map(const burst::Samples<double>&, const Style&);

} // namespace tickertape::cli
