// SPDX-License-Identifier: MIT
/// \file
/// Registry: the living counters of the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "counter/counter_state.hpp"

namespace tickertape::counter {

struct DistributionState;
struct RateState;
struct StockState;

/// All living counters. Immortal: threads and signal handlers may record until the process is gone.
///
/// Thread safety: its mutex guards everything; taken for ticks, snapshots and births, never for recording.
class Registry {
public:
    [[nodiscard]] static Registry& instance();

    std::mutex mutex;

    RateState& make_rate(Name metric, const CounterOptions& options);
    StockState& make_stock(Name metric, const CounterOptions& options);
    DistributionState& make_distribution(Name metric, const CounterOptions& options);
    /// Removes a counter that is being destroyed: its buckets go to its dumper, if it has one.
    void retire(CounterState& state);
    /// In the child of a fork: the counters that it has inherited begin at zero, belong to no autodump, and tick.
    void wake();

    /// All living counters, oldest first.
    [[nodiscard]] std::vector<CounterState*> living() const;

    /// Sets the dumper of all counters without one, including future ones.
    void set_default_dumper(Dumper* dumper) noexcept { default_dumper_ = dumper; }
    [[nodiscard]] Dumper* default_dumper() const noexcept { return default_dumper_; }

    /// Takes over the totals of ended threads.
    void fold_idle_blocks();

    [[nodiscard]] CounterBase::ProcessStats stats() const noexcept;

private:
    Registry();

    template <class State>
    State& make(Name metric, const CounterOptions& options);

    // The living counters, which it owns. Their series are claimed, so no two of them have the same text.
    CounterState* oldest_ = nullptr;
    CounterState* newest_ = nullptr;
    std::size_t living_ = 0;
    std::uint64_t folded_orphans_ = 0;
    std::int64_t counts_undumped_ = 0;
    Dumper* default_dumper_ = nullptr;
};

} // namespace tickertape::counter
