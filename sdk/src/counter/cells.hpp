// SPDX-License-Identifier: MIT
/// \file
/// The blocks of cells that threads lease, seen from the sampler's side. The hot path is tickertape/counter_cells.hpp.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>

#include <tickertape/counter_cells.hpp>

namespace tickertape::counter {

/// Ids are below this; a block reserves address space, not memory, for all of them. Id 0 belongs to no counter.
inline constexpr std::uint32_t max_ids = 1U << 20U;
/// The last ids are those of distributions. Their cells hold pointers: see counter/distribution_totals.hpp.
inline constexpr std::uint32_t max_distributions = 1U << 16U;
inline constexpr std::uint32_t first_distribution_id = max_ids - max_distributions;

/// One thread's cells. Blocks are in one list, from which none is removed. A block passes from thread to thread with its totals, so
/// that the end of a thread moves no totals.
struct Block {
    Block* next = nullptr;
    std::uint64_t* cells = nullptr;
    std::atomic<bool> leased{false};
    /// All cells are 0. The sampler sets it while it holds the lease, and a lessee clears it.
    std::atomic<bool> blank{true};
    std::uint32_t idle_ticks = 0; ///< ticks without a lessee; used by the sampler only
};

/// Makes the key whose destructor gives a thread's block back. Call it before any counter is used.
void prepare_cells();

/// Keeps some blocks free, so that the first increment of a thread need not make one, and makes one for each thread that
/// found none. Not for signal handlers.
void keep_spare_blocks();

/// For the child of a fork, in which the parent's waiting threads do not exist.
void forget_waiting_threads() noexcept;

/// Leases a block to this thread if it may have one and has none. Returns whether it did. Async-signal-safe.
bool lease_cells() noexcept;

/// The list of all blocks.
[[nodiscard]] const Block* first_block() noexcept;

/// Adds up the cells [first, first + totals.size()) of all blocks into `totals`.
void sum_cells(std::uint32_t first, std::span<std::uint64_t> totals) noexcept;

/// Takes the totals out of blocks that had no thread in several calls, and gives back their memory. Calls `take(id, total)` for each
/// cell that is not 0: of the ids below `ids`, and of the first `distributions` distributions.
void fold_idle_blocks(std::uint32_t ids, std::uint32_t distributions,
                      const std::function<void(std::uint32_t, std::uint64_t)>& take);

} // namespace tickertape::counter
