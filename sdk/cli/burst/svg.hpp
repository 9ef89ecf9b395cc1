// SPDX-License-Identifier: MIT
/// \file
/// Pictures of a series for a page: SVG that keeps its letters legible at any width, as places are percentages.
#pragma once

#include <string>

#include <tickertape/burst.hpp>

#include "cli/lines/expand.hpp"
#include "cli/page/html_writer.hpp"

namespace tickertape::cli::burst {

/// The most columns of a picture: longer series are reduced by their maxima.
inline constexpr std::size_t most_picture_columns = 480;
inline constexpr std::size_t most_map_columns = 240;

/// The hatching where there is no data. To be written once, before the pictures.
void write_picture_definitions(page::HtmlWriter& page);

/// Maxima with the medians in front of them, the bursts beneath, gaps hatched. `id` is unique on the page.
template <tickertape::burst::Number T>
void write_sparkline(page::HtmlWriter& page, const std::string& id, const tickertape::burst::Samples<T>& samples,
                     const tickertape::burst::Report<T>& report);

/// The 99th percentiles of a distribution with its maxima behind them; nothing if there are none.
void write_band(page::HtmlWriter& page, const std::string& id, const lines::AnySamples& p99,
                const lines::AnySamples& max);

/// The heat map with its legend, or a sentence where there is none.
template <tickertape::burst::Number T>
void write_heat_map(page::HtmlWriter& page, const std::string& id, const tickertape::burst::Samples<T>& samples);

/// Dispersion (of readings: squared variation) against the length of a block, both logarithmic; or a sentence.
template <tickertape::burst::Number T>
void write_dispersion(page::HtmlWriter& page, const std::string& id, const tickertape::burst::Report<T>& report);

} // namespace tickertape::cli::burst
