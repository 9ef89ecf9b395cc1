// SPDX-License-Identifier: MIT
#include "base/pool.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/random_points.hpp"

using tickertape::base::Pool;

namespace {

struct Block {
    void* memory;
    std::size_t bytes;
    unsigned char content;
};

bool is_intact(const Block& block) {
    const auto* const bytes = static_cast<const unsigned char*>(block.memory);
    return std::count(bytes, bytes + block.bytes, block.content) == static_cast<std::ptrdiff_t>(block.bytes);
}

} // namespace

TEST_CASE("Blocks of a pool are aligned and do not overlap, in whatever order they come and go") {
    const std::uint64_t seed = test::seed();
    CAPTURE(seed);
    test::Random random{seed};
    static constinit Pool<64> pool; // its memory is never given back
    std::vector<Block> blocks;
    for (int i = 0; i < 20'000; ++i) {
        if (blocks.size() > 200 || (!blocks.empty() && test::once_in(random, 3))) {
            std::swap(blocks[test::up_to(random, blocks.size() - 1)], blocks.back());
            REQUIRE(is_intact(blocks.back()));
            pool.give_back(blocks.back().memory, blocks.back().bytes);
            blocks.pop_back();
        } else {
            const std::size_t bytes = 1 + test::up_to(random, Pool<64>::largest + 100);
            const Block block{pool.take(bytes), bytes, static_cast<unsigned char>(i)};
            REQUIRE(reinterpret_cast<std::uintptr_t>(block.memory) % 64 == 0);
            std::memset(block.memory, block.content, bytes);
            blocks.push_back(block);
        }
    }
    for (const Block& block : blocks) {
        REQUIRE(is_intact(block));
        pool.give_back(block.memory, block.bytes);
    }
}

TEST_CASE("New blocks of a pool are adjacent, and memory that was given back is the next block of its size") {
    static constinit Pool<16> pool;
    auto* const first = static_cast<std::byte*>(pool.take(40));
    auto* const second = static_cast<std::byte*>(pool.take(48));
    CHECK(second == first + 48);
    pool.give_back(first, 40);
    CHECK(pool.take(64) == second + 48);
    CHECK(pool.take(33) == first);
    CHECK(pool.take(48) == second + 48 + 64);
}
