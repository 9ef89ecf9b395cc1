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

/// How series are named in a table: without a host that all of them share.
struct TableNames {
    std::string host{};                ///< `host=web01`, or nothing
    std::size_t longest = 0;           ///< of the names of series that the filter lets through
    std::string common{};              ///< the common beginning of all metrics, if labels leave it out
    std::vector<std::string> labels{}; ///< of the series that are shown, in their order
};
[[nodiscard]] TableNames names_of(const WatchModel& model, std::string_view filter);

/// Sets what depends on how wide names may be, of the series at these places of `model.series()`.
void give_labels(TableNames& names, const WatchModel& model, std::span<const std::size_t> shown, std::size_t width);

/// The width of each column of a table, in characters; 0: it is not there.
struct TableWidths {
    std::size_t name = 0;
    std::size_t value = 0;
    std::size_t change = 0;
    std::size_t peak = 0;
    std::size_t ratio = 0;
    std::size_t gaps = 0;
    std::size_t picture = 0;
};
/// For a screen so wide, which may be narrower than the 40 columns for which all is made.
[[nodiscard]] TableWidths widths_for(std::size_t columns, std::size_t longest_name);

/// The input of a table.
struct Table {
    const WatchModel& model;
    const WatchView& view;
    const TableNames& names;
    const TableWidths& widths;
    Grid grid{};
    std::size_t columns = 80; ///< of the screen
};

/// The names of the columns, the time that a column of the sparklines has, and the time of the last one.
[[nodiscard]] terminal::ScreenLine heading(const Table& table, const terminal::Style& style);
[[nodiscard]] terminal::ScreenLine row(const Table& table, const WatchedSeries& series, std::string_view label,
                                       const terminal::Style& style);

} // namespace tickertape::cli::watch
