// SPDX-License-Identifier: MIT
#include "counter/rate_ids.hpp"

#include <algorithm>

#include "counter/cells.hpp"
#include "counter/rate_state.hpp"

namespace tickertape::counter {

namespace {

constexpr std::uint32_t least_row = 8;

auto make_totals(std::uint32_t most_rows, std::uint32_t row_size) {
    return std::make_unique_for_overwrite<std::uint64_t[]>(std::size_t{most_rows} * row_size); // NOLINT(*-c-arrays)
}

} // namespace

RateIds& RateIds::instance() {
    static RateIds* const immortal = new RateIds;
    return *immortal;
}

std::unique_ptr<Chunk> RateIds::take(std::uint32_t most_rows) {
    if (free_.empty() && next_ + Chunk::size > first_distribution_id) {
        throw UsageError{"too many rate counters are alive at once; a process holds about a million"};
    }
    auto chunk = std::make_unique<Chunk>();
    chunk->most_rows = most_rows;
    chunk->row_size = least_row;
    chunk->totals = make_totals(most_rows, least_row);
    if (free_.empty()) {
        free_.reserve(next_ / Chunk::size); // so that `give_back` does not allocate
        chunks_.resize(next_ / Chunk::size + 1);
        chunk->first_id = std::exchange(next_, next_ + Chunk::size);
    } else {
        chunk->first_id = free_.back();
        free_.pop_back();
    }
    chunks_[chunk->first_id / Chunk::size] = chunk.get();
    return chunk;
}

void RateIds::give_back(const Chunk& chunk) noexcept {
    chunks_[chunk.first_id / Chunk::size] = nullptr;
    free_.push_back(chunk.first_id);
}

void RateIds::enter(RateState& state, Chunk& chunk) {
    std::uint32_t slot = chunk.high;
    if (slot == Chunk::size) {
        const auto free = std::find(chunk.slots.begin(), chunk.slots.end(), nullptr);
        slot = static_cast<std::uint32_t>(free - chunk.slots.begin());
    }
    if (slot >= chunk.row_size) {
        const std::uint32_t row_size = std::min(Chunk::size, 2 * chunk.row_size);
        chunk.totals = make_totals(chunk.most_rows, row_size);
        chunk.row_size = row_size;
    }
    chunk.high = std::max(chunk.high, slot + 1);
    chunk.slots[slot] = &state;
    state.spill = &chunk.spills[slot];
    ++chunk.used;
    state.id = chunk.first_id + slot;
}

void RateIds::leave(const RateState& state, Chunk& chunk) {
    chunk.slots[state.id - chunk.first_id] = nullptr;
    --chunk.used;
}

RateState* RateIds::find(std::uint32_t id) const noexcept {
    const std::size_t place = id / Chunk::size;
    const Chunk* const chunk = place < chunks_.size() ? chunks_[place] : nullptr;
    return chunk != nullptr ? chunk->slots[id % Chunk::size] : nullptr;
}

} // namespace tickertape::counter
