// SPDX-License-Identifier: MIT
/// \file
/// Makes buckets of readings: finds the step, and restores values that dedup held back.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include <tickertape/burst_samples.hpp>

#include "cli/lines/line_store.hpp"

namespace tickertape::cli::lines {

using AnySamples = std::variant<tickertape::burst::Samples<std::int64_t>, tickertape::burst::Samples<double>>;

/// The smallest distance between two neighbours of sorted readings, and whether their values differ anywhere. A deduped
/// series without a gap shows its step as soon as its value changes, because the last equal value is sent before the change.
struct Spacing {
    std::optional<std::chrono::milliseconds> smallest{};
    bool changes = false;
};
[[nodiscard]] Spacing spacing(std::span<const Reading> readings) noexcept;

/// The longest step. The ends of such buckets still fit into 64-bit nanoseconds.
inline constexpr std::chrono::milliseconds longest_step{std::chrono::days{1000}};

/// Equal neighbours that are at most this far apart are a run that dedup held back: it repeats
/// a value at the first step at or after `dedup`. Buckets below a second are never deduped.
struct ExpandOptions {
    std::chrono::milliseconds step{1000};
    std::chrono::milliseconds dedup{300'000};
    /// The most buckets: older ones are left out.
    std::size_t most_buckets = std::size_t{1} << 24U;
};

/// Neighbours less than one and a half steps apart follow each other.
[[nodiscard]] bool follows(std::chrono::milliseconds distance, std::chrono::milliseconds step) noexcept;
/// Returns whether neighbours at this distance are a run that was held back.
[[nodiscard]] bool is_run(std::chrono::milliseconds distance, bool are_equal, const ExpandOptions& options) noexcept;

struct Expanded {
    AnySamples samples;
    std::size_t filled = 0;    ///< buckets that were not in the input
    std::size_t too_close = 0; ///< readings that replaced the one before, because both are nearest to the same bucket
    std::size_t left_out = 0;  ///< readings beyond `most_buckets`
};

/// Makes buckets of readings, which are in order of time; they are counts if all values are integers.
/// Bucket timestamps are multiples of the step, counted from the first stamp. Each is at most half a step
/// ahead of its stamp, and at most a step behind. Missing timestamps are a gap, unless they are filled.
[[nodiscard]] Expanded expand(std::span<const Reading> readings, const ExpandOptions& options);

/// Adds up several series of one step, on the grid of that step. If a series misses a bucket between its first and its
/// last one, the bucket is missing in the sum, too. Needs 24 bytes for each bucket from the earliest to the latest.
///
/// Thread safety: one thread at a time.
class SumOfSeries {
public:
    /// Buckets that begin before `earliest`, which is not after `latest`, or after `latest` are left out.
    SumOfSeries(std::chrono::nanoseconds step, WallTime earliest, WallTime latest)
        : step_{step}, earliest_{index_of(earliest)}, latest_{index_of(latest)},
          cells_(static_cast<std::size_t>(latest_ - earliest_) + 2) {} // one more for the end of the last

    void add(const AnySamples& any);
    [[nodiscard]] AnySamples sum() const;
    [[nodiscard]] std::size_t series() const noexcept { return series_; }
    /// Buckets that were left out.
    [[nodiscard]] std::size_t left_out() const noexcept { return left_out_; }

private:
    struct Cell {
        double sum = 0;
        std::int64_t exact = 0;
        std::int32_t present = 0;
        std::int32_t begun = 0; // series that begin here, less those that ended before
    };
    [[nodiscard]] std::int64_t index_of(WallTime start) const noexcept { return start.time_since_epoch() / step_; }
    [[nodiscard]] Cell& cell(std::int64_t index) noexcept {
        return cells_[static_cast<std::size_t>(index - earliest_)];
    }

    std::chrono::nanoseconds step_;
    std::int64_t earliest_;
    std::int64_t latest_;
    std::vector<Cell> cells_;
    std::size_t series_ = 0;
    std::size_t left_out_ = 0;
    bool is_exact_ = true;
};

} // namespace tickertape::cli::lines
