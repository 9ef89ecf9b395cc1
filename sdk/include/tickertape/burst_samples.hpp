// SPDX-License-Identifier: MIT
/// \file
/// Samples: buckets of one length in order of time, the input of burst analysis. Gaps split them into stretches.
#pragma once

#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <range/v3/range/concepts.hpp>
#include <range/v3/range/traits.hpp>

#include <tickertape/time.hpp>
#include <tickertape/window.hpp>

namespace tickertape::burst {

/// The type of samples: integers are counts, whose sums are exact; doubles are readings.
template <class T>
concept Number = std::same_as<T, std::int64_t> || std::same_as<T, double>;

/// The values of present buckets, and the gaps between them. A gap is never a zero: no measure is computed across a gap.
/// Partial buckets are left out like absent ones, because their values do not cover the whole bucket. Costs 8
/// bytes a bucket.
///
///     const MetricCounter requests{"shop.requests", {.timespan = 60s, .granularity = 1ms}};
///     const burst::Samples samples{requests.window(), requests.granularity()};
///
/// Thread safety: distinct objects may be used from any thread; const members of one, too.
template <Number T>
class Samples {
public:
    /// Consecutive buckets without a gap: `count` buckets, beginning with the sample of index `first`.
    struct Stretch {
        WallTime start;        ///< of the first bucket
        std::size_t first = 0; ///< index into `Samples::values()`
        std::size_t count = 0;

        friend bool operator==(const Stretch&, const Stretch&) = default;
    };

    /// Begins without samples. A granularity of 0 or less throws UsageError.
    explicit Samples(std::chrono::nanoseconds granularity);

    /// Takes the buckets of a range, in order: `counter.window()`, a vector of Bucket, or a view of them. Throws as `push` does.
    template <class Buckets>
        requires ranges::input_range<Buckets>
    Samples(Buckets&& buckets, std::chrono::nanoseconds granularity) : Samples{granularity} {
        for (auto&& bucket : buckets) {
            push(bucket.start, bucket.value, bucket.state);
        }
    }

    /// Adds the next bucket. If it does not begin where the last one ended, it begins a stretch. Throws UsageError if it begins
    /// earlier. Absent and partial buckets, nan and infinity are left out and split the stretch.
    void push(WallTime start, T value, BucketState state = BucketState::full);

    /// Returns all values in order, one stretch after the other.
    [[nodiscard]] std::span<const T> values() const noexcept { return values_; }
    [[nodiscard]] std::span<const Stretch> stretches() const noexcept { return stretches_; }
    /// Runs of smeared buckets: their counts were recorded while ticks were missed and then spread over the buckets. The sum is right, the
    /// single values are not.
    [[nodiscard]] std::span<const Stretch> smeared() const noexcept { return smeared_; }

    [[nodiscard]] std::span<const T> values_of(const Stretch& stretch) const noexcept {
        return values().subspan(stretch.first, stretch.count);
    }
    [[nodiscard]] std::chrono::nanoseconds granularity() const noexcept { return granularity_; }
    [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
    [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
    /// Returns the time between the stretches, in buckets.
    [[nodiscard]] std::size_t missing() const noexcept;
    /// Returns the number of partial buckets, which were left out.
    [[nodiscard]] std::size_t partial() const noexcept { return partial_; }
    /// Returns the start of the bucket of `values()[index]`.
    [[nodiscard]] WallTime start_of(std::size_t index) const noexcept;

private:
    std::chrono::nanoseconds granularity_;
    std::vector<T> values_;
    std::vector<Stretch> stretches_;
    std::vector<Stretch> smeared_;
    std::size_t partial_ = 0;
    WallTime end_ = WallTime::min(); // the end of the last bucket, including those left out
    bool split_ = true;
};

template <class Buckets>
Samples(Buckets&&, std::chrono::nanoseconds)
    -> Samples<std::remove_cvref_t<decltype(std::declval<ranges::range_reference_t<Buckets>>().value)>>;

extern template class Samples<std::int64_t>;
extern template class Samples<double>;

} // namespace tickertape::burst
