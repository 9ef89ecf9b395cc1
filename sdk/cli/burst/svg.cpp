// SPDX-License-Identifier: MIT
// The sparkline and the heat map of a page.
#include "cli/burst/svg.hpp"

#include <array>
#include <cmath>
#include <optional>

#include "base/concat.hpp"
#include "cli/burst/cells.hpp"
#include "cli/burst/columns.hpp"
#include "cli/page/svg_frame.hpp"
#include "cli/page/text.hpp"
#include "cli/terminal/bars.hpp"

namespace tickertape::cli::burst {

namespace {

constexpr double plot_height = 132;
constexpr double strip_top = plot_height + 5; // the place of the strip that shows bursts
constexpr double strip_height = 7;
constexpr int units = 1000; // the height of a plot in units
constexpr std::size_t wide_cell = 24;
constexpr std::size_t least_map_width = 264;

// Returns the outline of bars from one gap to the next.
template <class Height>
std::string bars(const Columns& columns, Height height) {
    std::string path;
    int level = units;
    std::size_t run = 0;
    const auto flush = [&] {
        path.append(run > 0 ? base::concat("h", run) : "");
        run = 0;
    };
    bool in_gap = true;
    for (std::size_t i = 0; i < columns.list.size(); ++i) {
        const Column& column = columns.list[i];
        if (column.buckets == 0) {
            if (!in_gap) {
                flush();
                path.append(base::concat("V", units, "z"));
            }
            in_gap = true;
            continue;
        }
        const int next = units - static_cast<int>(terminal::step_of(
                                     terminal::bar_height(height(column), columns.low, columns.high), units + 1));
        if (in_gap) {
            path.append(base::concat("M", i, " ", units, "V", next));
        } else if (next != level) {
            flush();
            path.append(base::concat("V", next));
        }
        in_gap = false;
        level = next;
        ++run;
    }
    if (!in_gap) {
        flush();
        path.append(base::concat("V", units, "z"));
    }
    return path;
}

// Returns a box for each run of columns for which `is` is true.
template <class Is>
void write_runs(page::HtmlWriter& page, std::string_view kind, const Columns& columns, double top, double height,
                Is is) {
    const auto all = static_cast<double>(columns.list.size());
    for (std::size_t i = 0; i < columns.list.size();) {
        std::size_t end = i;
        while (end < columns.list.size() && is(columns.list[end])) {
            ++end;
        }
        if (end > i) {
            page.lone("rect", {{"class", kind},
                               {"x", page::percent(static_cast<double>(i) / all)},
                               {"y", page::pixels(top)},
                               {"width", page::percent(static_cast<double>(end - i) / all)},
                               {"height", page::pixels(height)}});
        }
        i = std::max(end, i + 1);
    }
}

// Returns the cells of a shade: a box for each run in a row.
std::string boxes(const Cells& cells, int shade) {
    std::string path;
    for (std::size_t row = 0; row < cells.rows(); ++row) {
        for (std::size_t column = 0; column < cells.columns();) {
            std::size_t end = column;
            while (end < cells.columns() && cells.shade(row, end) == shade) {
                ++end;
            }
            if (end > column) {
                path.append(base::concat("M", column, " ", row, "h", end - column, "v1H", column, "z"));
            }
            column = std::max(end, column + 1);
        }
    }
    return path;
}

void write_map_legend(page::HtmlWriter& page, const ShadeScale& scale) {
    page.open("p", {{"class", "legend"}});
    page::write_key(page, "swatch gap", "no data");
    page::write_key(page, "swatch s0", "0");
    for (int shade = 1; shade <= ShadeScale::darkest; ++shade) {
        page::write_key(page, base::concat("swatch s", shade),
                        base::concat(shade == 1 ? "from " : "", page::rough_text(scale.from(shade))));
    }
    page.close();
}

/// Draws the maxima of the columns with the lower values in front of them, gaps, and a value axis.
void write_bars(page::HtmlWriter& page, const Columns& columns) {
    write_runs(page, "gap", columns, 0, plot_height, [](const Column& column) { return column.buckets == 0; });
    page::write_value_axis(page, page::value_ticks(columns.low, columns.high, 5), plot_height);
    page::open_plot(page, columns.list.size(), units, plot_height);
    page.lone("path", {{"class", "max"}, {"d", bars(columns, [](const Column& column) { return column.max; })}});
    page.lone("path", {{"class", "p50"}, {"d", bars(columns, [](const Column& column) { return column.p50; })}});
    page.close();
}

} // namespace

void write_picture_definitions(page::HtmlWriter& page) {
    page.open("svg", {{"class", "defs"}, {"aria-hidden", "true"}, {"width", "0"}, {"height", "0"}}).open("defs");
    page.open("pattern", {{"id", "hatch"},
                          {"width", "6"},
                          {"height", "6"},
                          {"patternUnits", "userSpaceOnUse"},
                          {"patternTransform", "rotate(45)"}});
    page.lone("rect", {{"class", "hatch-ground"}, {"width", "6"}, {"height", "6"}});
    page.lone("line", {{"class", "hatch-line"}, {"x1", "0"}, {"y1", "0"}, {"x2", "0"}, {"y2", "6"}});
    page.close().close().close();
}

template <tickertape::burst::Number T>
void write_sparkline(page::HtmlWriter& page, const std::string& id, const tickertape::burst::Samples<T>& samples,
                     const tickertape::burst::Report<T>& report) {
    const Columns columns = columns_of(samples, report, most_picture_columns);
    if (columns.list.empty() || !report.percentiles) {
        return;
    }
    page.open("figure").open("figcaption");
    page.element("h3", {}, "Maxima and medians over time");
    page.open("p", {{"class", "legend"}});
    page::write_key(page, "swatch max", "maximum of a column");
    page::write_key(page, "swatch p50", "its median");
    page::write_key(page, "swatch burst", "burst");
    if (report.thresholds) {
        const bool is_shown = static_cast<double>(report.thresholds->hi) <= columns.high;
        page::write_key(page, "dash hi",
                        base::concat("a burst begins: ", page::short_text(report.thresholds->hi),
                                     is_shown ? "" : ", above the picture"));
    }
    page::write_key(page, "swatch gap", "no data");
    page.close().close();
    const std::size_t bursts = report.episodes ? report.episodes->list.size() : 0;
    page::open_picture(page, id, strip_top + strip_height, "Maxima and medians over time",
                       base::concat(report.buckets, " buckets in ", columns.list.size(), " columns; the highest is ",
                                    page::short_text(report.percentiles->max), ", half are at most ",
                                    page::short_text(report.percentiles->p50), "; ", bursts, " bursts."));
    write_bars(page, columns);
    if (report.thresholds && static_cast<double>(report.thresholds->hi) <= columns.high) {
        const double y = plot_height * (1 - terminal::bar_height(static_cast<double>(report.thresholds->hi),
                                                                 columns.low, columns.high));
        page::write_line(page, "hi", y);
    }
    page::write_line(page, "axis", plot_height);
    write_runs(page, "burst", columns, strip_top, strip_height, [](const Column& column) { return column.in_burst; });
    page::write_time_axis(page, columns.begin, columns.span, strip_top + strip_height);
    page.close();
    page.element("p", {{"class", "note"}},
                 base::concat("Across: time in UTC, a column is ", page::length_text(columns.column_length()), " (",
                              columns.list.size(), " columns). Up: value per bucket of ",
                              page::length_text(report.granularity), ", ", page::short_text(columns.low), " to ",
                              page::short_text(columns.high), "."));
    page.close();
}

void write_band(page::HtmlWriter& page, const std::string& id, const lines::AnySamples& p99,
                const lines::AnySamples& max) {
    const Columns columns = band_of(p99, max, most_picture_columns);
    if (columns.list.empty()) {
        return;
    }
    page.open("figure").open("figcaption").element("h3", {}, "p99 and maximum over time");
    page.open("p", {{"class", "legend"}});
    page::write_key(page, "swatch max", "maximum");
    page::write_key(page, "swatch p50", "p99: at most 1 of 100 is above it");
    page::write_key(page, "swatch gap", "no data");
    page.close().close();
    page::open_picture(page, id, plot_height, "p99 and maximum over time",
                       base::concat("The 99th percentile in ", columns.list.size(),
                                    " columns, and behind it the maximum; the highest is ",
                                    page::short_text(columns.high), "."));
    write_bars(page, columns);
    page::write_line(page, "axis", plot_height);
    page::write_time_axis(page, columns.begin, columns.span, plot_height);
    page.close();
    page.element("p", {{"class", "note"}},
                 base::concat("Across: time in UTC, a column is ", page::length_text(columns.column_length()),
                              ", the highest of its buckets. What stands above the p99 are single values."));
    page.close();
}

template <tickertape::burst::Number T>
void write_heat_map(page::HtmlWriter& page, const std::string& id, const tickertape::burst::Samples<T>& samples) {
    const std::optional<Cells> cells = cells_of(samples, most_map_columns);
    page.open("figure").open("figcaption").element("h3", {}, "Heat map of offsets");
    if (!cells) {
        page.close()
            .element("p", {{"class", "note"}}, "n/a: less than two columns or rows, or no value above 0.")
            .close();
        return;
    }
    write_map_legend(page, cells->scale());
    page.close();
    const double height = std::clamp(static_cast<double>(cells->rows()) * 4, 96.0, 240.0);
    const std::string period = page::length_text(cells->period());
    page::open_picture(page, id, height, "Heat map of offsets",
                       base::concat("Columns are time, rows the offset in each ", period,
                                    ", a cell the maximum of its buckets on a logarithmic scale."),
                       std::max(least_map_width, cells->columns() * wide_cell));
    page.lone("rect", {{"class", "gap"}, {"width", "100%"}, {"height", page::pixels(height)}});
    page::open_plot(page, cells->columns(), static_cast<int>(cells->rows()), height);
    for (int shade = ShadeScale::zero; shade <= ShadeScale::darkest; ++shade) {
        if (const std::string path = boxes(*cells, shade); !path.empty()) {
            page.lone("path", {{"class", base::concat("s", shade)}, {"d", path}});
        }
    }
    page.close();
    page::write_offset_axis(page, cells->row_length(), cells->rows(), height);
    page::write_time_axis(page, cells->begin(), cells->span(), height);
    page.close();
    page.element("p", {{"class", "note"}},
                 base::concat("Across: time in UTC, a column is ", page::length_text(cells->column_length()), " (",
                              cells->columns(), " columns). Down: offset in each ", period, ", a row is ",
                              page::length_text(cells->row_length()), ". A cell is the maximum of its buckets."));
    page.close();
}

template void write_sparkline(page::HtmlWriter&, const std::string&, const tickertape::burst::Samples<std::int64_t>&,
                              const tickertape::burst::Report<std::int64_t>&);
template void write_heat_map(page::HtmlWriter&, const std::string&, const tickertape::burst::Samples<std::int64_t>&);
template void write_sparkline(page::HtmlWriter&, const std::string&, const tickertape::burst::Samples<double>&,
                              const tickertape::burst::Report<double>&);
template void write_heat_map(page::HtmlWriter&, const std::string&, const tickertape::burst::Samples<double>&);

} // namespace tickertape::cli::burst
