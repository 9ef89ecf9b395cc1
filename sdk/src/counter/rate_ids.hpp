// SPDX-License-Identifier: MIT
/// \file
/// RateIds: which rate has which id, and so which cell of each thread's block.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace tickertape::counter {

struct RateState;

/// Ids that lie together, so that the sampler reads their cells in a row.
struct Chunk {
    static constexpr std::uint32_t size = 512;

    [[nodiscard]] bool has(std::uint32_t id) const noexcept { return id >= first_id && id < first_id + size; }

    std::uint32_t first_id;
    std::uint32_t high = 0; ///< slots from here on were never used
    std::uint32_t used = 0;
    std::array<RateState*, size> slots{};
};

/// The ids of the process. A group of counters takes them in chunks.
///
/// Thread safety: under the registry's mutex.
class RateIds {
public:
    [[nodiscard]] static RateIds& instance();

    /// Throws UsageError if all are taken.
    [[nodiscard]] std::unique_ptr<Chunk> take();
    void give_back(const Chunk& chunk);

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
