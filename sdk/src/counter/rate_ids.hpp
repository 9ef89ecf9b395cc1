// SPDX-License-Identifier: MIT
/// \file
/// RateIds: which rate has which id, and so which cell of each thread's block.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tickertape::counter {

struct RateState;

/// Ids that lie together, so that the sampler reads their cells in a row.
///
/// A tick notes the totals of a chunk as one row of numbers, without a look at its rates, which lie far apart. A few rows are
/// settled together: they become buckets.
struct Chunk {
    static constexpr std::uint32_t size = 512;
    static constexpr std::uint32_t longest = 32;

    [[nodiscard]] bool has(std::uint32_t id) const noexcept { return id >= first_id && id < first_id + size; }
    [[nodiscard]] std::uint64_t* row(std::uint32_t number) noexcept {
        return totals.data() + std::size_t{number} * row_size;
    }

    std::uint32_t first_id;
    std::uint32_t high = 0; ///< slots from here on were never used
    std::uint32_t used = 0;
    std::uint32_t rows = 0;         ///< not settled
    std::uint32_t most_rows = 8;    ///< at most `longest`
    std::uint64_t first_bucket = 0; ///< of the first row; each other is of the next bucket
    std::uint32_t row_size = 0;     ///< at least `high`
    std::vector<std::uint64_t> totals;
    std::array<RateState*, size> slots{};
    /// By slot: added to by threads without cells, no mutex, and taken out of folded blocks.
    std::array<std::atomic<std::uint64_t>, size> spills{};
};

/// The ids of the process. A group of counters takes them in chunks.
///
/// Thread safety: under the registry's mutex.
class RateIds {
public:
    [[nodiscard]] static RateIds& instance();

    /// With memory for its first rates, so that entering one of those cannot fail. Throws UsageError if all ids are taken.
    [[nodiscard]] std::unique_ptr<Chunk> take(std::uint32_t most_rows);
    void give_back(const Chunk& chunk) noexcept;

    /// Gives the rate a free id of a chunk that has one.
    void enter(RateState& state, Chunk& chunk);
    void leave(const RateState& state, Chunk& chunk);
    /// Null if the id is nobody's.
    [[nodiscard]] RateState* find(std::uint32_t id) const noexcept;
    /// Above the highest id in use.
    [[nodiscard]] std::uint32_t end() const noexcept { return next_; }

private:
    std::vector<RateState*> by_id_;
    std::vector<std::uint32_t> free_;  // first ids of chunks
    std::uint32_t next_ = Chunk::size; // id 0 is nobody's, so the first chunk is not used
};

} // namespace tickertape::counter
