// SPDX-License-Identifier: MIT
/// \file
/// RateState: a counter whose buckets are differences of running totals.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "counter/counter_state.hpp"

namespace tickertape::counter {

inline constexpr std::size_t cache_line = 64;

/// The single bucket that a punctual tick ends.
struct EndedBucket {
    WallTime timestamp;
    bool partial; ///< it was observed in part
};

/// Everything that is needed to end a bucket on time is in one cache line, because
/// with a million counters a tick waits for memory, not for the processor.
///
/// Thread safety: see CounterState.
struct alignas(cache_line) RateState final : CounterState {
    using CounterState::CounterState;
    static void* operator new(std::size_t bytes);
    static void operator delete(void* state) noexcept;

    void enter() override;
    void leave() noexcept override;
    [[nodiscard]] std::int64_t running_count() override { return static_cast<std::int64_t>(total() - last); }
    [[nodiscard]] std::uint64_t total() const noexcept;
    std::optional<std::uint64_t> cut() override;
    void rebase() override;
    void lose(std::uint64_t bits) override;
    /// Call it when `ended` buckets have ended; `now` is the total at that time.
    void close(std::uint64_t ended, std::uint64_t now);
    /// The same for a single bucket in the usual case. In other cases, changes nothing and returns false.
    bool close_one(const EndedBucket& bucket, std::uint64_t now);
    void carry(std::uint64_t now);
    /// Call it when the content of the running bucket up to `now` was taken: the bucket is empty then.
    void empty_at(std::uint64_t now) noexcept {
        last = now;
        carried = 0;
        carries = false;
    }

    /// Prefetches the members that `close_one` needs.
    void fetch() const noexcept { __builtin_prefetch(&last, 1); }

    std::atomic<std::uint64_t>* spill = nullptr; ///< see Chunk
    std::uint64_t last = 0;                      ///< the total up to which buckets have been made
};

/// Adds to the total shared by all threads; `counter` may be null, as before the constructor of a static counter.
void add_to_spill(RateState* counter, std::uint64_t n) noexcept;
/// Increments that belong to no counter.
[[nodiscard]] std::uint64_t spilled_orphans() noexcept;

} // namespace tickertape::counter
