// SPDX-License-Identifier: MIT
/// \file
/// Seeds for tests of random inputs.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace test {

using Random = std::mt19937_64;

/// A new seed for each run, or TICKERTAPE_TEST_SEED, to see a failure again. Tests `CAPTURE` it.
inline std::uint64_t seed() {
    if (const char* given = std::getenv("TICKERTAPE_TEST_SEED")) {
        return std::stoull(given);
    }
    return std::random_device{}();
}

/// For tests whose oracle is another program: `usual`, or TICKERTAPE_TEST_SEED. What such a program does with some new odd input
/// is for who looks for it, and not for whoever's change is tested that day.
inline std::uint64_t seed(std::uint64_t usual) {
    return std::getenv("TICKERTAPE_TEST_SEED") != nullptr ? seed() : usual;
}

/// A number from 0 to `most`.
inline std::size_t up_to(Random& random, std::size_t most) {
    return std::uniform_int_distribution<std::size_t>{0, most}(random);
}

/// True once in `times`.
inline bool once_in(Random& random, std::size_t times) { return up_to(random, times - 1) == 0; }

} // namespace test
