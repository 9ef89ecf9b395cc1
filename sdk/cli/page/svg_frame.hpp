// SPDX-License-Identifier: MIT
/// \file
/// The frame of a picture on a page: its place, its axes, its legend.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tickertape/time.hpp>

#include "cli/page/html_writer.hpp"
#include "cli/page/ticks.hpp"

namespace tickertape::cli::page {

/// `12.5%` for 0.125.
[[nodiscard]] std::string percent(double part);
/// At most two digits behind the point.
[[nodiscard]] std::string pixels(double length);

/// A picture as wide as there is room, at most `most_width` pixels if that is not 0, to be closed. The axes' labels lie
/// outside of it, in its margins.
void open_picture(HtmlWriter& page, const std::string& id, double height, std::string_view title,
                  std::string_view description, std::size_t most_width = 0);

/// A plot with coordinates of its own, stretched over the whole width and `height`; to be closed.
void open_plot(HtmlWriter& page, std::size_t columns, int rows, double height);

/// A line across.
void write_line(HtmlWriter& page, std::string_view kind, double y);

/// Labels on the left, lines across.
void write_value_axis(HtmlWriter& page, const std::vector<Tick>& ticks, double height);
/// Labels beneath; `lines`: lines up, too.
void write_bottom_axis(HtmlWriter& page, const std::vector<Tick>& ticks, double top, bool lines = false);
void write_time_axis(HtmlWriter& page, WallTime begin, std::chrono::nanoseconds span, double top);
/// From 0, downwards.
void write_offset_axis(HtmlWriter& page, std::chrono::nanoseconds row, std::size_t rows, double height);

/// An entry of a legend.
void write_key(HtmlWriter& page, std::string_view kind, std::string_view meaning);

} // namespace tickertape::cli::page
