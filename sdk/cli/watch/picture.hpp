// SPDX-License-Identifier: MIT
/// \file
/// The table of `tickertape watch`: a row per series, with figures and a sparkline.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal/screen_line.hpp"
#include "cli/watch/model.hpp"
#include "cli/watch/view.hpp"

namespace tickertape::cli::watch {

/// How series are named in a table: without a host that all of them share.
struct TableNames {
    std::string host{};      ///< `host=web01`, or nothing
    std::size_t longest = 0; ///< of the names of series that the filter lets through
};
[[nodiscard]] TableNames names_of(const WatchModel& model, std::string_view filter);

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

/// What a table needs to know.
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
[[nodiscard]] terminal::ScreenLine row(const Table& table, const WatchedSeries& series, const terminal::Style& style);

/// `text` in at most `width` characters: what is left out in the middle is a `~`.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

} // namespace tickertape::cli::watch
