// SPDX-License-Identifier: MIT
/// \file
/// MetricCounter: counts or readings in buckets of time.
#pragma once

#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include <tickertape/clock.hpp>
#include <tickertape/counter_cells.hpp>
#include <tickertape/distribution_fields.hpp>
#include <tickertape/series.hpp>
#include <tickertape/stock_cell.hpp>
#include <tickertape/transmitter.hpp>
#include <tickertape/window.hpp>

namespace tickertape {

namespace counter {
struct CounterState;
struct RateState;
struct StockState;

/// The due time of the run of run_every_n_seconds that this thread is in, or null.
struct Run;
extern constinit thread_local const Run* this_threads_run __attribute__((tls_model("initial-exec")));
} // namespace counter

/// Mode of a MetricCounter: a bucket holds the sum of its increments, 0 without increments.
struct rate {};
/// Mode of a MetricCounter: a bucket holds one folded reading, and none if `set` was not called.
struct stock {};
/// Mode of a MetricCounter: a bucket holds a Sketch of its recordings. See <tickertape/distribution.hpp>.
struct distribution {};

/// Options of a MetricCounter.
struct CounterOptions {
    /// Tags of each point. The output adds the host tag.
    Tags tags = {};
    /// The time that `window()` and `summarize()` cover, and the time between two writes of autodump. UsageError if it is not a multiple of
    /// the granularity, or has more than a million buckets. The ring grows to two timespans, at least 120 buckets, of 8 bytes each.
    std::chrono::milliseconds timespan = std::chrono::seconds{15};
    /// The length of a bucket; buckets start at multiples of it since 1970. At least 1 ms, else UsageError.
    std::chrono::milliseconds granularity = std::chrono::seconds{1};
    /// stock only: how several readings in one bucket are combined.
    Fold fold = Fold::last;
    /// stock only: for how long a bucket without a reading repeats the last one; then, and by default, it is absent.
    std::chrono::milliseconds hold_at_most{0};
    /// distribution only: the series that are written. Without recordings a bucket writes only its count.
    Fields fields = {Field::count, Field::sum, Field::max};
    Quantiles quantiles = {0.99};
    /// distribution only: upper ends of cumulative buckets, written as `NAME.bucket` with a tag `le`, and `le=Inf`. A server can add them
    /// up over hosts. Each is a series.
    std::vector<double> buckets = {};
    /// distribution only: the unit of the sum, and the smallest value with correct quantiles: 1e-9 is a nanosecond
    /// for values in seconds, and 1 is for sizes. The largest value with correct quantiles is 2^60 times as large.
    double resolution = 1e-9;
    /// Null: the system's clock.
    Clock* clock = nullptr;
    /// See SeriesOptions.
    bool reserve_host_tag = true;
};
static_assert(std::is_aggregate_v<CounterOptions>);

/// The members that all modes have.
///
/// Thread safety: all members may be called from any thread, but not while the counter is moved or destroyed.
class CounterBase {
public:
    /// Counts of the whole process, in addition to those of its living counters.
    struct ProcessStats {
        std::size_t living_counters = 0;
        std::uint64_t orphaned_increments = 0; ///< made on static counters before their constructors ran
        std::int64_t counts_undumped =
            0; ///< held by rates and distributions that were destroyed while nothing dumped them
    };

    /// Exceptions to plain counting. Each loss is counted here.
    struct Stats {
        std::uint64_t buckets_lost = 0; ///< overwritten in the ring before a dump
        std::int64_t counts_lost = 0;   ///< rate: the sum of these buckets; distribution: the sum of their counts
        std::uint64_t smeared = 0; ///< rate: buckets that got a share of the counts recorded while ticks were missed;
                                   ///< distribution: buckets that got all of these
        std::int64_t carried = 0;  ///< counts, readings: moved to the next bucket: their own could not be written
        std::uint64_t late = 0;    ///< stock: readings of a run whose bucket had been written already
        std::uint64_t refused = 0; ///< stock, distribution: values that were nan or infinite
        std::uint64_t clamped = 0; ///< distribution: values nearer to 0 than the resolution, or too large for quantiles
        std::int64_t counts_cleared = 0; ///< rate, distribution: forgotten by `clear()` before a dump came
    };

    [[nodiscard]] const Series& series() const noexcept;
    [[nodiscard]] std::chrono::milliseconds granularity() const noexcept;
    [[nodiscard]] std::chrono::milliseconds timespan() const noexcept;
    [[nodiscard]] Clock& clock() const noexcept;
    [[nodiscard]] Stats stats() const;

    /// Call it when the source cannot be read. Until `resume()` no bucket gets a
    /// value, except that a partly observed bucket keeps a value that is not 0.
    void suspend();
    void resume();

    /// Forgets all buckets, the running one included. Counts that had not been dumped are counted as `counts_cleared`.
    void clear();

    /// Publishes each complete bucket once, in order, with its start as timestamp. A bucket that autodump has written
    /// is not written again by `dump`, and vice versa. Points that `transmitter` does not settle are published again
    /// by the next dump, also when it throws (the exception passes through). Returns the number of points settled.
    std::size_t dump(Transmitter& transmitter);

    [[nodiscard]] counter::CounterState* state() const noexcept { return state_; }

protected:
    CounterBase() noexcept = default;
    explicit CounterBase(counter::CounterState* state) noexcept : state_{state} {}
    CounterBase(CounterBase&& other) noexcept : state_{std::exchange(other.state_, nullptr)} {}
    CounterBase& operator=(CounterBase&& other) noexcept;
    ~CounterBase();

    counter::CounterState* state_ = nullptr;
};

/// Counts or readings in a ring of time buckets. `MetricCounter failures{"auth.failures"}` is a rate.
/// Two living counters of one series are an error: the second constructor throws UsageError.
///
/// Recording reads no clock: an increment or a reading belongs to the bucket that was open at the last tick of the pulse.
///
/// Thread safety: see CounterBase. `inc`, `add` of a rate and `set` with `Fold::last` are wait-free after a thread's first
/// use and async-signal-safe on Linux; the other folds and `add` of a stock are lock-free. None of them allocates.
template <class Mode = rate>
class MetricCounter;

template <>
class MetricCounter<rate> : public CounterBase {
public:
    /// Throws UsageError with a sentence; allocates the ring.
    explicit MetricCounter(Name metric, const CounterOptions& options = {});
    MetricCounter(MetricCounter&& other) noexcept
        : CounterBase{std::move(other)}, rate_{std::exchange(other.rate_, nullptr)}, id_{std::exchange(other.id_, 0)} {}
    MetricCounter& operator=(MetricCounter&& other) noexcept {
        CounterBase::operator=(std::move(other));
        rate_ = std::exchange(other.rate_, nullptr);
        id_ = std::exchange(other.id_, 0);
        return *this;
    }
    ~MetricCounter() = default;

    void inc() noexcept { counter::add(rate_, id_, 1); }
    /// Adds `n`, which may be negative. The sums are 64-bit integers.
    void add(std::int64_t n) noexcept { counter::add(rate_, id_, static_cast<std::uint64_t>(n)); }
    /// A fraction does not compile: it would be cut off.
    template <std::floating_point Number>
    void add(Number n) noexcept {
        static_assert(sizeof(n) == 0, "a rate counts whole numbers: count in a smaller unit (bytes, not gigabytes), "
                                      "round the number, or use MetricCounter<stock>");
    }

    /// The buckets of the last timespan and the running one.
    [[nodiscard]] Window<std::int64_t> window() const;

    /// Calls `f` with the values of the present buckets of `window()`, as a random-access range. Any range algorithm fits:
    /// `failures.summarize(ranges::max)`. The range is empty only while the counter is suspended.
    template <class F>
    [[nodiscard]] auto summarize(F&& f) const {
        const std::vector<std::int64_t> values = present_values();
        return std::invoke(std::forward<F>(f), values);
    }

private:
    [[nodiscard]] std::vector<std::int64_t> present_values() const;

    counter::RateState* rate_ = nullptr;
    std::uint32_t id_ = 0;
};

template <>
class MetricCounter<stock> : public CounterBase {
public:
    /// Throws UsageError with a sentence; allocates the ring.
    explicit MetricCounter(Name metric, const CounterOptions& options = {});
    MetricCounter(MetricCounter&& other) noexcept
        : CounterBase{std::move(other)}, stock_{std::exchange(other.stock_, nullptr)},
          last_{std::exchange(other.last_, nullptr)} {}
    MetricCounter& operator=(MetricCounter&& other) noexcept {
        CounterBase::operator=(std::move(other));
        stock_ = std::exchange(other.stock_, nullptr);
        last_ = std::exchange(other.last_, nullptr);
        return *this;
    }
    ~MetricCounter() = default;

    /// Records a reading; nan and infinities are refused and counted. Inside a run of run_every_n_seconds it belongs to
    /// the bucket of the run's due time.
    void set(double reading) noexcept {
        if (last_ != nullptr && counter::this_threads_run == nullptr && std::isfinite(reading)) [[likely]] {
            last_->store(reading);
        } else {
            set_slowly(reading);
        }
    }
    /// Adds `n` to the level, which is the last reading, or 0 before the first, and records the result as a reading.
    void add(double n) noexcept;

    /// The buckets of the last timespan and the running one.
    [[nodiscard]] Window<double> window() const;

    /// Calls `f` with the values of the present buckets of `window()`, as a random-access range, which may be empty.
    template <class F>
    [[nodiscard]] auto summarize(F&& f) const {
        const std::vector<double> values = present_values();
        return std::invoke(std::forward<F>(f), values);
    }

private:
    [[nodiscard]] std::vector<double> present_values() const;
    void set_slowly(double reading) noexcept;

    counter::StockState* stock_ = nullptr;
    counter::StockCell* last_ = nullptr; // only with Fold::last
};

MetricCounter(Name, CounterOptions) -> MetricCounter<rate>;
MetricCounter(Name) -> MetricCounter<rate>;

[[nodiscard]] CounterBase::ProcessStats process_stats();

} // namespace tickertape
