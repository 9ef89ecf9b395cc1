// SPDX-License-Identifier: MIT
/// \file
/// Pictures of buckets in a terminal. Each returns whole lines of at most `style.columns` columns.
#pragma once

#include <string>

#include <tickertape/burst.hpp>

#include "cli/terminal/terminal.hpp"

namespace tickertape::cli::burst {

/// A row in which each column is the maximum of its buckets, and one with their median; a third one with the bursts. Time
/// without buckets is blank.
template <tickertape::burst::Number T>
[[nodiscard]] std::string sparkline(const tickertape::burst::Samples<T>& samples,
                                    const tickertape::burst::Report<T>& report, const terminal::Style& style);

/// Columns of a second and rows of 20 ms, for buckets of a second and more columns of a minute and rows of a second, and
/// so on; a cell is the maximum of its buckets, on a logarithmic scale, with a legend. Empty for less than two
/// columns or rows.
template <tickertape::burst::Number T>
[[nodiscard]] std::string heat_map(const tickertape::burst::Samples<T>& samples, const terminal::Style& style);

/// A line a scale: its length of time, peak to mean, dispersion (of readings: squared variation) and that as a point on a
/// logarithmic axis, on which `|` is 1.
template <tickertape::burst::Number T>
[[nodiscard]] std::string dispersion_curve(const tickertape::burst::Report<T>& report, const terminal::Style& style);

/// The largest bursts by volume, a line each; with dates if they begin on several days. `+`: it touches a gap or an end.
template <tickertape::burst::Number T>
[[nodiscard]] std::string burst_table(const tickertape::burst::Report<T>& report, const terminal::Style& style);

} // namespace tickertape::cli::burst
