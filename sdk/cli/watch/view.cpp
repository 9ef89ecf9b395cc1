// SPDX-License-Identifier: MIT
#include "cli/watch/view.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "cli/lines/line_store.hpp"

namespace tickertape::cli::watch {

namespace {

std::optional<double> sort_key(const WatchModel& model, const WatchedSeries& series, SortBy sort, const Grid& grid) {
    switch (sort) {
    case SortBy::peak: {
        const WatchedSeries& highest = series.max ? model.series()[*series.max] : series;
        const auto extent = highest.data.extent(grid, model.options().series);
        return extent ? extent->peak_to_mean : std::nullopt;
    }
    case SortBy::value: return series.data.newest().as_double();
    case SortBy::change: return series.data.change_per_second();
    case SortBy::newest: return static_cast<double>(series.data.newest_stamp());
    case SortBy::name: break;
    }
    return 0;
}

} // namespace

std::string_view describe(SortBy sort) noexcept {
    switch (sort) {
    case SortBy::peak: return "peak/mean";
    case SortBy::value: return "value";
    case SortBy::change: return "change";
    case SortBy::name: return "name";
    case SortBy::newest: return "newest";
    }
    return "";
}

bool passes(const WatchedSeries& series, std::string_view filter) noexcept {
    if (filter.find_first_of("*?") == std::string_view::npos) {
        return series.text.find(filter) != std::string::npos;
    }
    return lines::matches(filter, series.metric()) || lines::matches(filter, series.text);
}

bool has_row(const WatchModel& model, const WatchedSeries& series, std::string_view filter) noexcept {
    return passes(series, filter) && !(series.p99 && passes(model.series()[*series.p99], filter));
}

std::vector<std::size_t> ordered(const WatchModel& model, const WatchView& view, const Grid& grid) {
    struct Row {
        std::optional<double> key;
        std::size_t index;
    };
    std::vector<Row> rows;
    const auto& series = model.series();
    for (std::size_t i = 0; i < series.size(); ++i) {
        if (has_row(model, series[i], view.filter)) {
            rows.push_back({.key = sort_key(model, series[i], view.sort, grid), .index = i});
        }
    }
    const bool up = (view.sort == SortBy::name) != view.reverse;
    std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
        if (a.key != b.key) {
            return !b.key ? true : !a.key ? false : up ? *a.key < *b.key : *a.key > *b.key;
        }
        const int names = series[a.index].text.compare(series[b.index].text);
        return view.sort == SortBy::name && view.reverse ? names > 0 : names < 0;
    });
    std::vector<std::size_t> order(rows.size());
    std::transform(rows.begin(), rows.end(), order.begin(), [](const Row& row) { return row.index; });
    return order;
}

} // namespace tickertape::cli::watch
