// SPDX-License-Identifier: MIT
/// \file
/// MetricCounter<distribution>: counts, sums, maxima and quantiles of values, in buckets of time.
#pragma once

#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include <tickertape/counter.hpp>
#include <tickertape/distribution_cells.hpp>
#include <tickertape/sketch.hpp>

namespace tickertape {

namespace counter {
struct DistributionState;
}

/// For latencies, sizes, and other values whose mean is not enough. A bucket holds a Sketch of its recordings. It is
/// written as `NAME.count`, `NAME.sum`, `NAME.max` and `NAME.p99`, unless CounterOptions asks for others. A bucket without recordings is
/// written as `NAME.count 0` only.
///
///     MetricCounter<distribution> latency{"shop.latency"};
///     { const auto timing = latency.time(); serve(request); }
///     latency.record(0.0123);
///
/// Count and sum are exact, quantiles are within 1 %. A recording in progress at the end of a bucket may have its count, its sum
/// and its effect on minimum and maximum in two neighbouring buckets. After missed ticks the first bucket has all recordings, and the
/// others are absent.
///
/// Thread safety: see CounterBase. `record` is wait-free after a thread's first use and async-signal-safe; it never allocates.
template <>
class MetricCounter<distribution> : public CounterBase {
public:
    /// Measures the time until the end of its scope, also if an exception ends it, and records it in seconds.
    ///
    /// Thread safety: one thread at a time. The counter must not be destroyed meanwhile; it may be moved.
    class [[nodiscard]] Timing {
    public:
        Timing(const Timing&) = delete;
        Timing& operator=(const Timing&) = delete;
        ~Timing();

    private:
        friend class MetricCounter;
        explicit Timing(const MetricCounter& counter) noexcept;

        counter::Recorder recorder_;
        Clock* clock_;
        SteadyTime start_;
    };

    /// Throws UsageError with a sentence; allocates the ring.
    explicit MetricCounter(Name metric, const CounterOptions& options = {});
    MetricCounter(MetricCounter&& other) noexcept
        : CounterBase{std::move(other)}, distribution_{std::exchange(other.distribution_, nullptr)},
          recorder_{std::exchange(other.recorder_, {})} {}
    MetricCounter& operator=(MetricCounter&& other) noexcept {
        CounterBase::operator=(std::move(other));
        distribution_ = std::exchange(other.distribution_, nullptr);
        recorder_ = std::exchange(other.recorder_, {});
        return *this;
    }
    ~MetricCounter() = default;

    /// Records a value; nan and infinities are refused and counted.
    void record(double value) noexcept { counter::record(recorder_, value); }
    /// Records a duration in seconds.
    void record(std::chrono::duration<double> time) noexcept { record(time.count()); }
    /// `const auto timing = latency.time();` records the lifetime of `timing`, by the counter's steady clock.
    [[nodiscard]] Timing time() const noexcept { return Timing{*this}; }

    /// The buckets of the last timespan and the running one; `window().merged()` is the Sketch of all.
    [[nodiscard]] Window<Sketch> window() const;

    /// Calls `f` with the sketches of the present buckets of `window()`, as a random-access range.
    template <class F>
    [[nodiscard]] auto summarize(F&& f) const {
        const std::vector<Sketch> sketches = present_values();
        return std::invoke(std::forward<F>(f), sketches);
    }

private:
    [[nodiscard]] std::vector<Sketch> present_values() const;

    counter::DistributionState* distribution_ = nullptr;
    counter::Recorder recorder_;
};

} // namespace tickertape
