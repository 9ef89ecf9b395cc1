// SPDX-License-Identifier: MIT
/// \file
/// Columns: a series as a row of pictures shows it, a maximum and a median for each piece of time.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include <tickertape/burst.hpp>

#include "cli/lines/expand.hpp"

namespace tickertape::cli::burst {

/// The buckets of a piece of time.
struct Column {
    std::size_t buckets = 0; ///< 0: no data
    double max = 0;
    double p50 = 0;
    bool in_burst = false; ///< it holds a part of a burst
};

/// A series in columns of one length. Maxima, because a mean would hide bursts.
struct Columns {
    WallTime begin{};
    std::chrono::nanoseconds span{}; ///< of all columns
    double low = 0;                  ///< where the axis of values begins
    double high = 0;                 ///< and where it ends, above `low`
    std::vector<Column> list{};

    [[nodiscard]] std::chrono::nanoseconds column_length() const {
        return span / static_cast<std::int64_t>(list.size());
    }
};

/// `samples` in at most `most` columns, of a bucket or more; none for no samples.
template <tickertape::burst::Number T>
[[nodiscard]] Columns columns_of(const tickertape::burst::Samples<T>& samples,
                                 const tickertape::burst::Report<T>& report, std::size_t most);

/// `below` and, of the same times, `above`, in at most `most` columns from where `below` begins: `p50` is the maximum of the
/// former, `max` that of the latter, or of the former where there is none.
[[nodiscard]] Columns band_of(const lines::AnySamples& below, const lines::AnySamples& above, std::size_t most);

} // namespace tickertape::cli::burst
