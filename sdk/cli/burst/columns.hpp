// SPDX-License-Identifier: MIT
/// \file
/// Columns: a series as pictures show it: a maximum and a median for each piece of time.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include <tickertape/burst.hpp>

#include "cli/lines/expand.hpp"

namespace tickertape::cli::burst {

/// The buckets of one piece of time.
struct Column {
    std::size_t buckets = 0; ///< 0: no data
    double max = 0;
    double p50 = 0;
    bool in_burst = false; ///< a part of a burst is in it
};

/// A series in columns of one length. It has maxima, because means would hide bursts.
struct Columns {
    WallTime begin{};
    std::chrono::nanoseconds span{}; ///< the time of all columns
    double low = 0;                  ///< the start of the value axis
    double high = 0;                 ///< the end of the value axis, above `low`
    std::vector<Column> list{};

    [[nodiscard]] std::chrono::nanoseconds column_length() const {
        return span / static_cast<std::int64_t>(list.size());
    }
};

/// Puts `samples` into at most `most` columns of at least a bucket. Returns no columns for no samples.
template <tickertape::burst::Number T>
[[nodiscard]] Columns columns_of(const tickertape::burst::Samples<T>& samples,
                                 const tickertape::burst::Report<T>& report, std::size_t most);

/// Puts two series of the same times into at most `most` columns, which begin where `below` begins. `p50` is the maximum of
/// `below`. `max` is the maximum of `above`, or of `below` where `above` has no data.
[[nodiscard]] Columns band_of(const lines::AnySamples& below, const lines::AnySamples& above, std::size_t most);

} // namespace tickertape::cli::burst
