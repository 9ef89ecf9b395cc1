// SPDX-License-Identifier: MIT
/// \file
/// The choice of rows of the user of `tickertape watch`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/watch/model.hpp"

namespace tickertape::cli::watch {

/// The order of rows. Names come in order of the alphabet, all else the largest first.
enum class SortBy : std::uint8_t { peak, value, change, name, newest };
inline constexpr std::size_t sort_orders = 5;
[[nodiscard]] std::string_view describe(SortBy sort) noexcept;

struct WatchView {
    SortBy sort = SortBy::peak;
    bool reverse = false;
    std::string filter{};      ///< a pattern with `*` and `?`, or a part of a name; empty: all
    bool is_typing = false;    ///< the filter, which works while it is typed
    std::int64_t cells = 1;    ///< in a column
    std::size_t first_row = 0; ///< that is shown
};

/// Whether the filter lets a series through: a pattern has to match its metric or its whole text, other filters have to
/// be in the text.
[[nodiscard]] bool passes(const WatchedSeries& series, std::string_view filter) noexcept;

/// Whether a series has a row of its own, or, as maxima do whose p99 is shown, is in another one's.
[[nodiscard]] bool has_row(const WatchModel& model, const WatchedSeries& series, std::string_view filter) noexcept;

/// The series that are shown, in order, by their place in `model.series()`. Series that are equal in what they are
/// ordered by come in order of their names, those without it last. A distribution's maxima are shown in the row of its p99.
[[nodiscard]] std::vector<std::size_t> ordered(const WatchModel& model, const WatchView& view, const Grid& grid);

} // namespace tickertape::cli::watch
