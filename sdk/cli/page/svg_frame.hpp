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

/// Returns `12.5%` for 0.125.
[[nodiscard]] std::string percent(double part);
/// Returns a number with at most two digits after the point.
[[nodiscard]] std::string pixels(double length);

/// Opens a picture of the available width, at most `most_width` pixels if that is not 0. The caller closes it. The labels of axes
/// are outside of it, in its margins.
void open_picture(HtmlWriter& page, const std::string& id, double height, std::string_view title,
                  std::string_view description, std::size_t most_width = 0);

/// Opens a plot with its own coordinates, stretched over the whole width and `height`. The caller closes it.
void open_plot(HtmlWriter& page, std::size_t columns, int rows, double height);

/// Writes a horizontal line.
void write_line(HtmlWriter& page, std::string_view kind, double y);

/// Writes labels on the left, and horizontal lines.
void write_value_axis(HtmlWriter& page, const std::vector<Tick>& ticks, double height);
/// Writes labels below; with `lines` also vertical lines.
void write_bottom_axis(HtmlWriter& page, const std::vector<Tick>& ticks, double top, bool lines = false);
void write_time_axis(HtmlWriter& page, WallTime begin, std::chrono::nanoseconds span, double top);
/// Writes an axis of offsets that begins with 0 at the top.
void write_offset_axis(HtmlWriter& page, std::chrono::nanoseconds row, std::size_t rows, double height);

/// Writes an entry of a legend.
void write_key(HtmlWriter& page, std::string_view kind, std::string_view meaning);

} // namespace tickertape::cli::page
