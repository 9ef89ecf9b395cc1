// SPDX-License-Identifier: MIT
/// \file
/// How to read the measures, for --help and for pages.
#pragma once

#include <array>
#include <string_view>

namespace tickertape::cli::burst {

struct Measure {
    std::string_view name;
    std::string_view meaning;
};

inline constexpr std::array<Measure, 13> measures{{
    {"burstiness", "relative variance beyond that of independent events: 0 is chance, 99 is on for 1 % of the time"},
    {"p50 to p99", "so many of 100 buckets are at most this, a value that occurred (nearest rank)"},
    {"halves", "means of the first and the second half: far apart, the figures of the whole mislead"},
    {"peak/mean", "the highest block of that length, as a multiple of the mean: what a coarser graph hides"},
    {"dispersion", "of counts, variance / mean of blocks: 0 constant, 1 independent events, growing: bursts cluster"},
    {"band", "of independent events the dispersion is within 1 +- this in 19 of 20 cases"},
    {"variation", "of readings, variance / mean^2 of blocks"},
    {"Allan", "as dispersion, but from block to block, so that slow trends cancel out"},
    {"bursts", "from the first bucket of at least hi to the first below lo; + may have been longer"},
    {"clustering", "how much likelier a hot bucket is behind a hot one than behind a cold one: 1 is no memory"},
    {"queue needed", "the longest backlog if so much is served per second: how large a buffer has to be"},
    {"volume in", "the smallest share of the buckets that holds half, and 90 %, of everything"},
    {"periods", "lags at which the series repeats, with the correlation: timers, quotas, cron"},
}};

} // namespace tickertape::cli::burst
