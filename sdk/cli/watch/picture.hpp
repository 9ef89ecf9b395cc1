// SPDX-License-Identifier: MIT
/// \file
/// The table of `tickertape watch`: a row per series, with figures and a sparkline.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal/screen_line.hpp"
#include "cli/watch/model.hpp"
#include "cli/watch/view.hpp"

namespace tickertape::cli::watch {

/// The names of series in a table. A host that all of them share is left out.
struct TableNames {
    std::string host{};                ///< `host=web01`; empty if they have different hosts
    std::size_t longest = 0;           ///< the longest name of a series that passes the filter
    std::string common{};              ///< the common beginning of all metrics, if labels leave it out
    std::vector<std::string> labels{}; ///< of the shown series, in their order
};
[[nodiscard]] TableNames names_of(const WatchModel& model, std::string_view filter);

/// Sets the labels of the series at these places of `model.series()`, for this width of names.
void give_labels(TableNames& names, const WatchModel& model, std::span<const std::size_t> shown, std::size_t width);

/// The width of each column of a table, in characters; 0: the column is left out.
struct TableWidths {
    std::size_t name = 0;
    std::size_t value = 0;
    std::size_t change = 0;
    std::size_t peak = 0;
    std::size_t ratio = 0;
    std::size_t gaps = 0;
    std::size_t picture = 0;
};
/// Returns the widths for a screen of `columns`, which may be less than the usual minimum of 40.
[[nodiscard]] TableWidths widths_for(std::size_t columns, std::size_t longest_name);

/// The input of a table.
struct Table {
    const WatchModel& model;
    const WatchView& view;
    const TableNames& names;
    const TableWidths& widths;
    Grid grid{};
    std::size_t columns = 80; ///< the columns of the screen
};

/// Returns the names of the columns, the time that one column of a sparkline covers, and the time of the last one.
[[nodiscard]] terminal::ScreenLine heading(const Table& table, const terminal::Style& style);
[[nodiscard]] terminal::ScreenLine row(const Table& table, const WatchedSeries& series, std::string_view label,
                                       const terminal::Style& style);

} // namespace tickertape::cli::watch
