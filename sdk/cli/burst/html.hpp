// SPDX-License-Identifier: MIT
/// \file
/// The report of `tickertape burst` as one page: it loads nothing and runs nothing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/burst/input.hpp"
#include "cli/burst/output.hpp"
#include "cli/burst/series.hpp"

namespace tickertape::cli::burst {

/// Returns the page up to the first report, with a table of `subjects`; the first `shown` of them have reports. Each figure is
/// one of the JSON, with its path there and all its digits beside the text: `<data data-figure="scales.0.blocks" value="600">`.
[[nodiscard]] std::string html_head(const BurstInput& input, const std::vector<Subject>& subjects, std::size_t shown);

/// Returns the pictures and figures of a subject, in a section. `index` is its place in the list of the head. `max`: the maxima,
/// if the subject is a distribution's p99; else null.
[[nodiscard]] std::string html_report(const SubjectReport& about, std::size_t index,
                                      const lines::AnySamples* max = nullptr);

/// Returns the rest of the page.
[[nodiscard]] std::string html_foot(const BurstInput& input);

} // namespace tickertape::cli::burst
