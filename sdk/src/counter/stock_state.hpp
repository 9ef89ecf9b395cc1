// SPDX-License-Identifier: MIT
/// \file
/// StockState: a counter whose buckets are readings.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "counter/counter_state.hpp"

namespace tickertape::counter {

/// Thread safety: see CounterState.
struct StockState final : CounterState {
    StockState(Series claimed, Group& member, const CounterOptions& options, RingSize ring)
        : CounterState{std::move(claimed), member, options, ring}, cell{options.fold},
          hold_at_most{options.hold_at_most} {
        holds_readings = true;
    }

    void enter() override;
    void leave() noexcept override;
    void add_to(CounterBase::Stats& all) const override {
        all.late = late.load(std::memory_order_relaxed);
        all.refused = refused.load(std::memory_order_relaxed);
    }
    std::optional<std::uint64_t> cut() override;
    void rebase() override;
    void lose(std::uint64_t bits) override;
    void close(std::uint64_t ended);
    /// A reading for the ended bucket that starts at `timestamp`. Returns false if that has been emitted or is not known.
    /// While timestamps wait for wall time the reading goes into the bucket that waits.
    bool amend(WallTime timestamp, double reading);
    /// Returns whether the bucket at `timestamp` may repeat the held reading. `repeat_held` does so from bucket `from` on.
    [[nodiscard]] bool may_repeat(WallTime timestamp) const;
    void repeat_held(std::uint64_t from);
    std::optional<double> take_reading();

    StockCell cell; ///< no mutex
    std::chrono::nanoseconds hold_at_most;
    double held = 0;
    std::optional<WallTime> held_at;       ///< timestamp of the bucket of the last reading
    std::atomic<std::uint64_t> late{0};    ///< no mutex
    std::atomic<std::uint64_t> refused{0}; ///< no mutex
};

} // namespace tickertape::counter
