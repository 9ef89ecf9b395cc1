// SPDX-License-Identifier: MIT
/// \file
/// The user's choice of rows in `tickertape watch`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/watch/model.hpp"

namespace tickertape::cli::watch {

/// The order of rows: names alphabetically, figures by falling value.
enum class SortBy : std::uint8_t { peak, value, change, name, newest };
inline constexpr std::size_t sort_orders = 5;
[[nodiscard]] std::string_view describe(SortBy sort) noexcept;

struct WatchView {
    SortBy sort = SortBy::peak;
    bool reverse = false;
    std::string filter{};      ///< a pattern with `*` and `?`, or a part of a name; empty: all
    bool is_typing = false;    ///< the user types the filter, which takes effect meanwhile
    std::int64_t cells = 1;    ///< in one column
    std::size_t first_row = 0; ///< the first shown row
};

/// Returns whether the filter accepts a series. A pattern must match its metric or its whole text; any other filter must occur in
/// its text.
[[nodiscard]] bool passes(const WatchedSeries& series, std::string_view filter) noexcept;

/// Returns whether a series has its own row. Maxima whose p99 is shown are in the row of that p99.
[[nodiscard]] bool has_row(const WatchModel& model, const WatchedSeries& series, std::string_view filter) noexcept;

/// Returns the shown series in order, as places in `model.series()`. Equal series are ordered by name; series without the figure
/// come last. A distribution's maxima are in the row of its p99.
[[nodiscard]] std::vector<std::size_t> ordered(const WatchModel& model, const WatchView& view, const Grid& grid);

} // namespace tickertape::cli::watch
