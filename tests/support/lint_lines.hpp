// SPDX-License-Identifier: MIT
/// \file
/// Random lines, mostly odd, for what `tickertape lint` says of them.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include <cli/lint/linter.hpp>

#include "support/seed.hpp"

namespace test {

/// Unusual words of lines, to be mixed with the usual ones.
struct Oddities {
    std::vector<std::string> stamps{};
    std::vector<std::string> values{};
};

/// Returns the words that an OpenTSDB reads differently from other servers.
[[nodiscard]] const Oddities& opentsdb_oddities();

/// A put of `metric` that is good, or odd in one place or several; with its newline.
[[nodiscard]] std::string random_lint_line(Random& random, const std::string& metric, const Oddities& more = {});

/// All findings of a line put together.
struct Verdict {
    explicit Verdict(std::span<const tickertape::cli::lint::Finding> findings) {
        for (const tickertape::cli::lint::Finding& finding : findings) {
            worst = std::max(worst, finding.rule->harm);
            names.append(name_of(finding.rule->fault)).append(" ");
        }
    }
    [[nodiscard]] bool is_dropped() const { return worst >= tickertape::cli::lint::Harm::dropped; }

    tickertape::cli::lint::Harm worst = tickertape::cli::lint::Harm::note;
    std::string names{}; ///< names of the faults
};

} // namespace test
