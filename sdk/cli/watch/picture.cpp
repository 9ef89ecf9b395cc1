// SPDX-License-Identifier: MIT
#include "cli/watch/picture.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>

#include "cli/page/text.hpp"
#include "cli/terminal/bars.hpp"
#include "cli/watch/labels.hpp"

namespace tickertape::cli::watch {

namespace {

constexpr std::string_view host_key = " host=";
constexpr std::string_view band_end = "-max"; // replaces a label such as m.p99 by m.p99-max
constexpr std::size_t number_width = 9;       // eight characters and a blank
constexpr std::size_t ratio_width = 8;
constexpr std::size_t gaps_width = 6;

std::string_view host_of(const WatchedSeries& series) noexcept {
    const std::size_t at = series.text.find(host_key);
    if (at == std::string::npos) {
        return {};
    }
    const std::string_view rest = std::string_view{series.text}.substr(at + 1);
    return rest.substr(0, rest.find(' '));
}

std::string name_of(const WatchedSeries& series, std::string_view host) {
    std::string name = series.text;
    if (series.max) {
        name.insert(series.metric_size, band_end);
    }
    if (!host.empty()) {
        if (const std::size_t at = name.find(host_key); at != std::string::npos) {
            name.erase(at, host.size() + 1);
        }
    }
    return name;
}

std::string number_text(std::optional<double> number) { return number ? page::narrow_text(*number) : "-"; }

/// Draws a column that has no value: nothing has come yet, or data is missing.
void put_mark(terminal::LineWriter& line, Mark mark, const terminal::Style& style) {
    switch (mark) {
    case Mark::blank:
    case Mark::value: line.put_glyph(" ", terminal::Look::plain); break;
    case Mark::waiting: line.put_glyph(style.utf8 ? "─" : "~", terminal::Look::faint); break;
    case Mark::gap: line.put_glyph(style.utf8 ? "·" : "x", terminal::Look::warning); break;
    }
}

/// Draws `glyph(index of the column, low, high)` for each value, on an axis that holds all of `columns` and ends at `high` or
/// above.
template <class Glyph>
void put_columns(terminal::LineWriter& line, const std::vector<Column>& columns, double high,
                 const terminal::Style& style, Glyph glyph) {
    double smallest = std::numeric_limits<double>::infinity();
    for (const Column& column : columns) {
        if (column.mark == Mark::value) {
            high = std::max(high, column.max);
            smallest = std::min(smallest, column.max);
        }
    }
    const double low = terminal::bars_begin(smallest, high);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].mark == Mark::value) {
            line.put_glyph(glyph(i, low, high), columns[i].has_gap ? terminal::Look::warning : terminal::Look::bar);
        } else {
            put_mark(line, columns[i].mark, style);
        }
    }
}

void put_picture(terminal::LineWriter& line, const std::vector<Column>& columns, const terminal::Style& style) {
    put_columns(line, columns, -std::numeric_limits<double>::infinity(), style,
                [&](std::size_t i, double low, double high) {
                    return std::string{terminal::bar(columns[i].max, low, high, style)};
                });
}

/// Two bars in a column: the p99 on the left, and the maximum on the right.
void put_band(terminal::LineWriter& line, const std::vector<Column>& p99, const std::vector<Column>& max,
              const terminal::Style& style) {
    const auto top = [&](std::size_t i) {
        return max[i].mark == Mark::value ? std::max(max[i].max, p99[i].max) : p99[i].max;
    };
    double high = -std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < p99.size(); ++i) {
        high = p99[i].mark == Mark::value ? std::max(high, top(i)) : high;
    }
    put_columns(line, p99, high, style, [&](std::size_t i, double low, double highest) {
        return terminal::two_bars(p99[i].max, top(i), low, highest, style);
    });
}

} // namespace

TableNames names_of(const WatchModel& model, std::string_view filter) {
    TableNames names;
    bool is_shared = true;
    for (const WatchedSeries& series : model.series()) {
        const std::string_view host = host_of(series);
        is_shared = is_shared && !host.empty() && (names.host.empty() || names.host == host);
        if (is_shared && names.host.empty()) {
            names.host = host;
        }
        if (passes(series, filter)) {
            names.longest = std::max(names.longest, series.text.size() + (series.max ? band_end.size() : 0));
        }
    }
    if (!is_shared) {
        names.host.clear();
    } else if (names.longest > 0 && !names.host.empty()) {
        names.longest -= names.host.size() + 1;
    }
    return names;
}

void give_labels(TableNames& names, const WatchModel& model, std::span<const std::size_t> shown, std::size_t width) {
    std::vector<std::string> full;
    std::vector<std::string_view> views;
    full.reserve(shown.size());
    for (const std::size_t place : shown) {
        full.push_back(name_of(model.series()[place], names.host));
        views.emplace_back(full.back());
    }
    names.labels = labels_for(views, width);
    names.common = names.longest > width && shown.size() > 1 ? common_parts(views) : std::string_view{};
}

TableWidths widths_for(std::size_t columns, std::size_t longest_name) {
    constexpr std::size_t for_change = 56;
    constexpr std::size_t for_ratio = 72; // below `for_peak`, because the rows are ordered by this figure at first
    constexpr std::size_t for_peak = 88;
    constexpr std::size_t for_gaps = 96;
    constexpr std::size_t shortest_name = 12;
    TableWidths widths{.value = number_width};
    widths.change = columns >= for_change ? number_width : 0;
    widths.peak = columns >= for_peak ? number_width : 0;
    widths.ratio = columns >= for_ratio ? ratio_width : 0;
    widths.gaps = columns >= for_gaps ? gaps_width : 0;
    const std::size_t numbers = widths.value + widths.change + widths.peak + widths.ratio + widths.gaps + 1;
    const std::size_t left = columns - std::min(columns, numbers);
    widths.name = std::min(std::max(longest_name, shortest_name), left / 2);
    widths.picture = left - widths.name;
    return widths;
}

terminal::ScreenLine heading(const Table& table, const terminal::Style& style) {
    const TableWidths& widths = table.widths;
    terminal::LineWriter line{table.columns, style};
    line.put(std::string_view{"SERIES"}.substr(0, widths.name), terminal::Look::bold).fill_to(widths.name);
    line.put_right("NEWEST", widths.value, terminal::Look::bold);
    line.put_right(widths.change > 0 ? "CHANGE/s" : "", widths.change, terminal::Look::bold);
    line.put_right(widths.peak > 0 ? "PEAK" : "", widths.peak, terminal::Look::bold);
    line.put_right(widths.ratio > 0 ? "P/MEAN" : "", widths.ratio, terminal::Look::bold);
    line.put_right(widths.gaps > 0 ? "GAPS" : "", widths.gaps, terminal::Look::bold);
    line.put(" ");
    std::string length = page::length_text(table.grid.column);
    if (length.size() + std::string_view{" a column"}.size() + 10 <= line.room()) {
        length.append(" a column");
    }
    const auto time = std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{table.grid.edge}};
    const std::string now = page::clock_text(time, table.grid.column < std::chrono::seconds{1});
    if (now.size() < line.room()) {
        const std::size_t room = line.room() - now.size() - 1;
        line.put(length.substr(0, room), terminal::Look::bold).put_right(now, line.room(), terminal::Look::bold);
    }
    return line.take();
}

terminal::ScreenLine row(const Table& table, const WatchedSeries& series, std::string_view label,
                         const terminal::Style& style) {
    const TableWidths& widths = table.widths;
    const WatchSeriesOptions& options = table.model.options().series;
    const WatchSeries& data = series.data;
    const WatchSeries& highest = series.max ? table.model.series()[*series.max].data : data;
    const auto extent = highest.extent(table.grid, options);
    terminal::LineWriter line{table.columns, style};
    line.put(label).fill_to(widths.name);
    line.put_right(page::narrow_text(data.newest().as_double()), widths.value);
    if (widths.change > 0) {
        line.put_right(number_text(data.change_per_second()), widths.change);
    }
    if (widths.peak > 0) {
        line.put_right(extent ? page::narrow_text(extent->max) : "-", widths.peak);
    }
    if (widths.ratio > 0) {
        line.put_right(number_text(extent ? extent->peak_to_mean : std::nullopt), widths.ratio);
    }
    if (widths.gaps > 0) {
        const std::string gaps = std::to_string(data.gaps());
        line.put_right(gaps.size() < widths.gaps ? gaps : "many", widths.gaps,
                       data.gaps() > 0 ? terminal::Look::warning : terminal::Look::plain);
    }
    line.put(" ");
    if (series.max) {
        put_band(line, data.columns(table.grid, options), highest.columns(table.grid, options), style);
    } else {
        put_picture(line, data.columns(table.grid, options), style);
    }
    return line.take();
}

} // namespace tickertape::cli::watch
