// SPDX-License-Identifier: MIT
/// \file
/// Group: the counters of one clock and granularity, which tick together.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <tickertape/clock.hpp>

#include "counter/rate_ids.hpp"
#include "counter/timeline.hpp"

namespace tickertape::counter {

class Pulse;
struct DistributionState;
struct RateState;
struct StockState;

/// Thread safety: under the registry's mutex, unless a comment says otherwise.
struct Group {
    Group(Pulse& owner, std::chrono::nanoseconds granularity, const Clock::Reading& now)
        : pulse{owner}, timeline{granularity, 0, now}, open{timeline.open().time_since_epoch().count()} {}

    /// Returns whether its timestamps started anew.
    bool tick(const Clock::Reading& now, Clock::Stats& stats);

    /// Makes buckets from all totals that ticks have stored. Call it before a rate is read or changed; `Pulse::tick` of all calls it.
    void settle();

    void enter(RateState& state);
    void enter(StockState& state);
    void enter(DistributionState& state);
    void leave(const RateState& state);
    void leave(const StockState& state);
    void leave(const DistributionState& state);

    Pulse& pulse;
    Timeline timeline;
    /// Late readings for timestamps before this one go into the open bucket: wall time was set back, so these timestamps are ambiguous.
    WallTime amend_from = WallTime::min();
    std::atomic<std::int64_t> open;             ///< timeline.open(), for readers without the mutex
    std::vector<std::unique_ptr<Chunk>> chunks; ///< of rates
    std::vector<StockState*> stocks;
    std::vector<DistributionState*> distributions;
    std::size_t counters = 0;

private:
    void close(std::uint64_t ended);
    void close(Chunk& chunk, std::uint64_t ended);
    void settle(Chunk& chunk) const;
    template <class F>
    void for_each(const F& f);

    bool has_rows_ = false; ///< whether a chunk may have rows
};

} // namespace tickertape::counter
