// SPDX-License-Identifier: MIT
/// \file
/// The explanations of the measures, for --help and for pages.
#pragma once

#include <array>
#include <string_view>

namespace tickertape::cli::burst {

struct Measure {
    std::string_view name;
    std::string_view meaning;
};

inline constexpr std::array<Measure, 13> measures{{
    {"burstiness", "Relative variance beyond that of independent events: 0 is chance; 99 means active 1 % of the time"},
    {"p50 to p99",
     "Percentiles: 50 to 99 of 100 buckets have at most this value (nearest rank, a value that occurred)"},
    {"halves", "Means of the first and of the second half. If they differ much, the other figures mislead"},
    {"peak/mean", "Highest block of that length as a multiple of the mean: the peak that a coarser graph hides"},
    {"dispersion",
     "Of counts, variance / mean of blocks: 0 constant, 1 independent events; if it grows, bursts cluster"},
    {"band", "In 19 of 20 cases the dispersion of independent events is within 1 +- this value"},
    {"variation", "Of readings, variance / mean^2 of blocks"},
    {"Allan", "As dispersion, but from block to block, so that slow trends cancel out"},
    {"bursts", "From the first bucket of at least hi to the first below lo; + means that it may have been longer"},
    {"clustering", "How much likelier a hot bucket is after a hot one than after a cold one: 1 means no memory"},
    {"queue needed", "Longest backlog at that service rate: the size that a buffer needs"},
    {"volume in", "Smallest share of the buckets that holds half, and 90 %, of the total"},
    {"periods", "Lags at which the series repeats, with the correlation: timers, quotas, cron"},
}};

} // namespace tickertape::cli::burst
