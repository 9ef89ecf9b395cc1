// SPDX-License-Identifier: MIT
/// \file
/// RateIds: the ids of rates. An id is the place of a rate's cell in each thread's block.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tickertape::counter {

struct RateState;

/// Consecutive ids, so that the sampler reads adjacent cells.
///
/// A tick stores the totals of a chunk as a row of numbers. It does not touch the rates, which are scattered in memory. Several rows
/// are settled together: they become buckets of the rates.
struct Chunk {
    static constexpr std::uint32_t size = 512;
    static constexpr std::uint32_t usual_rows = 8;
    static constexpr std::uint32_t fine_rows = 32; ///< for buckets of less than 1 s

    [[nodiscard]] bool has(std::uint32_t id) const noexcept { return id >= first_id && id < first_id + size; }
    [[nodiscard]] std::uint64_t* row(std::uint32_t number) const noexcept {
        return &totals[std::size_t{number} * row_size];
    }

    std::uint32_t first_id;
    std::uint32_t high = 0; ///< slots from here on were never used
    std::uint32_t used = 0;
    std::uint32_t rows = 0;                  ///< rows that are not settled
    std::uint32_t most_rows = 0;             ///< the chunk is settled when it has this many
    std::uint64_t first_bucket = 0;          ///< the bucket of the first row; each further row is of the next bucket
    std::uint32_t row_size = 0;              ///< at least `high`
    std::unique_ptr<std::uint64_t[]> totals; ///< of all rows; ticks write them first NOLINT(*-c-arrays)
    std::array<RateState*, size> slots{};
    /// By slot: the counts of threads without cells, which add them without the mutex, and the totals of folded blocks.
    std::array<std::atomic<std::uint64_t>, size> spills{};
};

/// The ids of the process. A group of counters takes them in chunks.
///
/// Thread safety: under the registry's mutex.
class RateIds {
public:
    [[nodiscard]] static RateIds& instance();

    /// Makes a chunk, with memory for its first rates: `enter` cannot fail for these. Throws UsageError if all ids are taken.
    [[nodiscard]] std::unique_ptr<Chunk> take(std::uint32_t most_rows);
    void give_back(const Chunk& chunk) noexcept;

    /// Gives the rate a free id of a chunk that has one, and has no rows. Throws std::bad_alloc, and then changes nothing.
    void enter(RateState& state, Chunk& chunk);
    void leave(const RateState& state, Chunk& chunk);
    /// Returns null if no rate has the id.
    [[nodiscard]] RateState* find(std::uint32_t id) const noexcept;
    /// Above the highest id in use.
    [[nodiscard]] std::uint32_t end() const noexcept { return next_; }

private:
    std::vector<Chunk*> chunks_;       // by the first id / Chunk::size; null if it is not in use
    std::vector<std::uint32_t> free_;  // first ids of chunks
    std::uint32_t next_ = Chunk::size; // no rate has id 0, so the first chunk is not used
};

} // namespace tickertape::counter
