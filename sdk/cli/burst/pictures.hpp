// SPDX-License-Identifier: MIT
/// \file
/// Pictures of buckets in a terminal. Each returns whole lines of at most `style.columns` columns.
#pragma once

#include <string>

#include <tickertape/burst.hpp>

#include "cli/terminal/terminal.hpp"

namespace tickertape::cli::burst {

/// Returns three rows: the maximum of each column, the median of each column, and the bursts. Time without buckets is blank.
template <tickertape::burst::Number T>
[[nodiscard]] std::string sparkline(const tickertape::burst::Samples<T>& samples,
                                    const tickertape::burst::Report<T>& report, const terminal::Style& style);

/// Returns the heat map with a legend. Columns are seconds and rows 20 ms; for buckets of a second and more, columns are minutes
/// and rows seconds, and so on. A cell is the maximum of its buckets, on a logarithmic scale. Empty for less than two columns or
/// rows.
template <tickertape::burst::Number T>
[[nodiscard]] std::string heat_map(const tickertape::burst::Samples<T>& samples, const terminal::Style& style);

/// Returns one line for each scale: its length, the peak to the mean, the dispersion (for readings: the squared variation), and
/// the dispersion as a point on a logarithmic axis, where `|` is 1.
template <tickertape::burst::Number T>
[[nodiscard]] std::string dispersion_curve(const tickertape::burst::Report<T>& report, const terminal::Style& style);

/// Returns the largest bursts by volume, one a line, with dates if they begin on several days. `+` marks a burst that touches a
/// gap or an end.
template <tickertape::burst::Number T>
[[nodiscard]] std::string burst_table(const tickertape::burst::Report<T>& report, const terminal::Style& style);

} // namespace tickertape::cli::burst
