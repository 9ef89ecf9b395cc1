// SPDX-License-Identifier: MIT
/// \file
/// Checks of the options of a counter.
#pragma once

#include <cstdint>

#include <tickertape/counter.hpp>

namespace tickertape::counter {

enum class Mode : std::uint8_t { rate, stock, distribution };

/// Throws UsageError, a sentence that names the series.
void check_options(const Series& series, const CounterOptions& options, Mode mode);

/// So many buckets that a dump that comes a whole timespan late, or two minutes' worth of fine buckets late, loses nothing.
[[nodiscard]] std::uint64_t ring_capacity(const CounterOptions& options);

} // namespace tickertape::counter
