// SPDX-License-Identifier: MIT
/// \file
/// Pictures of a series for a page, in SVG. Places are percentages, so letters stay legible at any width.
#pragma once

#include <string>

#include <tickertape/burst.hpp>

#include "cli/lines/expand.hpp"
#include "cli/page/html_writer.hpp"

namespace tickertape::cli::burst {

/// The most columns of a picture. Longer series are reduced to maxima.
inline constexpr std::size_t most_picture_columns = 480;
inline constexpr std::size_t most_map_columns = 240;

/// Writes the hatching for time without data. Call it once, before the pictures.
void write_picture_definitions(page::HtmlWriter& page);

/// Writes maxima with the medians in front of them, bursts below, gaps hatched. `id` is unique on the page.
template <tickertape::burst::Number T>
void write_sparkline(page::HtmlWriter& page, const std::string& id, const tickertape::burst::Samples<T>& samples,
                     const tickertape::burst::Report<T>& report);

/// Writes the 99th percentiles of a distribution with its maxima behind them; nothing if there are none.
void write_band(page::HtmlWriter& page, const std::string& id, const lines::AnySamples& p99,
                const lines::AnySamples& max);

/// Writes the heat map with its legend, or a sentence if there is none.
template <tickertape::burst::Number T>
void write_heat_map(page::HtmlWriter& page, const std::string& id, const tickertape::burst::Samples<T>& samples);

/// Writes the dispersion (for readings: the squared variation) over the length of a block, both logarithmic; or a sentence if
/// there is none.
template <tickertape::burst::Number T>
void write_dispersion(page::HtmlWriter& page, const std::string& id, const tickertape::burst::Report<T>& report);

} // namespace tickertape::cli::burst
