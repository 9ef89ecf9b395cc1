// SPDX-License-Identifier: MIT
/// \file
/// Checks of the options of a counter.
#pragma once

#include <cstdint>

#include <tickertape/counter.hpp>

#include "counter/history.hpp"

namespace tickertape::counter {

enum class Mode : std::uint8_t { rate, stock, distribution };

/// Throws UsageError, a sentence that names the series.
void check_options(const Series& series, const CounterOptions& options, Mode mode);

/// A new ring holds the buckets of a dump that is a timespan late. A ring of the largest size also holds those of a dump that is 120
/// buckets late.
[[nodiscard]] RingSize ring_size(const CounterOptions& options);

} // namespace tickertape::counter
