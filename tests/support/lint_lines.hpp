// SPDX-License-Identifier: MIT
/// \file
/// Random lines, mostly odd, for tests of `tickertape lint`.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include <cli/lint/linter.hpp>

#include "support/seed.hpp"

namespace test {

/// Unusual words of lines, to be mixed with usual ones.
struct Oddities {
    std::vector<std::string> stamps{};
    std::vector<std::string> values{};
};

/// Returns the words that an OpenTSDB reads differently from other servers.
[[nodiscard]] const Oddities& opentsdb_oddities();

/// Returns a put of `metric` with its newline: a good one, or an odd one.
[[nodiscard]] std::string random_lint_line(Random& random, const std::string& metric, const Oddities& more = {});

/// Returns all findings about a line as one text.
struct Verdict {
    explicit Verdict(std::span<const tickertape::cli::lint::Finding> findings) {
        for (const tickertape::cli::lint::Finding& finding : findings) {
            worst = std::max(worst, finding.rule->harm);
            names.append(name_of(finding.rule->fault)).append(" ");
        }
    }
    [[nodiscard]] bool is_dropped() const { return worst >= tickertape::cli::lint::Harm::dropped; }

    tickertape::cli::lint::Harm worst = tickertape::cli::lint::Harm::note;
    std::string names{}; ///< the names of the faults
};

} // namespace test
