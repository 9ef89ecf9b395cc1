// SPDX-License-Identifier: MIT
/// \file
/// The report of `tickertape burst` as a page of its own: nothing on it comes from elsewhere, and nothing on it runs.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/burst/input.hpp"
#include "cli/burst/output.hpp"
#include "cli/burst/series.hpp"

namespace tickertape::cli::burst {

/// The page up to the first report, with a table of `subjects`, of which the first `shown` follow. Figures are those of
/// the JSON, each with its path there and all its digits beside the text: `<data data-figure="scales.0.blocks" value="600">`.
[[nodiscard]] std::string html_head(const BurstInput& input, const std::vector<Subject>& subjects, std::size_t shown);

/// Pictures and figures of a subject, in a section; `index` is that in the list of the head. `max`: of a distribution's p99 its
/// maxima, or null.
[[nodiscard]] std::string html_report(const SubjectReport& about, std::size_t index,
                                      const lines::AnySamples* max = nullptr);

/// The rest of the page.
[[nodiscard]] std::string html_foot(const BurstInput& input);

} // namespace tickertape::cli::burst
