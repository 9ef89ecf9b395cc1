// SPDX-License-Identifier: MIT
/// \file
/// Sketch: the distribution of many values, in bounded memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tickertape/bins.hpp>

namespace tickertape {

namespace counter {
class PackedSketch;
}

/// Keeps the count, sum, minimum and maximum of many values exactly, and all their quantiles within 1 %.
///
/// Values are counted in logarithmic bins, so the error is relative to each value. The bins cover 0, and values from one resolution (1e-9)
/// to 2^60 resolutions (1.15e9) of both signs. A value nearer to 0, or larger, goes to the nearest bin and is counted
/// as clamped; nan and infinities are refused. Each value is rounded to a whole number of resolutions and then added to the sum.
///
/// It takes 8 bytes for each bin between its smallest and its largest value: at most 36 bins for a factor of 2, about 240 for a factor of
/// 100.
///
/// Thread safety: a value; distinct objects may be used from any thread.
class Sketch {
public:
    Sketch() noexcept = default;
    /// Throws UsageError unless `resolution` is a positive number.
    explicit Sketch(double resolution) : scale_{resolution} {}

    /// Records a value. Returns false, and changes nothing, for nan and infinities. Allocates for values outside of the range so far.
    bool record(double value) { return record(value, 1); }
    /// The same for `times` equal values.
    bool record(double value, std::uint64_t times);

    /// Adds all values of `other`. Merging is commutative and associative: the order makes no difference, to the bit.
    /// Throws UsageError if the resolutions differ.
    void merge(const Sketch& other);

    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] double sum() const noexcept { return scale_.value(static_cast<double>(sum_)); }
    /// The sum in resolutions, exactly.
    [[nodiscard]] counter::Int128 sum_in_units() const noexcept { return sum_; }
    /// 0 for an empty sketch, and so are its quantiles.
    [[nodiscard]] double min() const noexcept { return min_; }
    [[nodiscard]] double max() const noexcept { return max_; }
    [[nodiscard]] double mean() const noexcept;
    /// The number of values outside of all bins; `count()` includes them.
    [[nodiscard]] std::uint64_t clamped() const noexcept { return clamped_; }

    /// The value that at least `share` of all values do not exceed (nearest rank), within 1 %; exactly for 0 and 1.
    /// `share` is from 0 to 1; a share outside of that counts as the nearer end.
    [[nodiscard]] double quantile(double share) const noexcept;
    /// Returns the number of values that are at most `bound`; a value within 1 % of the bound may count for either side. The number
    /// never falls while the bound rises, so it serves cumulative buckets.
    [[nodiscard]] std::uint64_t count_up_to(double bound) const noexcept;

    [[nodiscard]] double resolution() const noexcept { return scale_.resolution(); }

    /// Returns whether both have the same counts, sums and extremes.
    friend bool operator==(const Sketch&, const Sketch&) = default;

private:
    friend class counter::PackedSketch;

    void reach(int from, int to);
    void add(int number, std::uint64_t times);

    counter::Scale scale_;
    std::vector<std::uint64_t> bins_; // from the lowest that has a value to the highest
    int first_ = 0;                   // the number of the lowest
    std::uint64_t count_ = 0;
    std::uint64_t clamped_ = 0;
    counter::Int128 sum_ = 0;
    double min_ = 0;
    double max_ = 0;
};

} // namespace tickertape
