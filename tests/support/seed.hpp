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

/// Returns a new seed for each run, or TICKERTAPE_TEST_SEED, to reproduce a failure. Tests `CAPTURE` it.
inline std::uint64_t seed() {
    if (const char* given = std::getenv("TICKERTAPE_TEST_SEED")) {
        return std::stoull(given);
    }
    return std::random_device{}();
}

/// For tests that compare with another program: returns `usual`, or TICKERTAPE_TEST_SEED. New odd inputs for that program must
/// not fail the test of an unrelated change.
inline std::uint64_t seed(std::uint64_t usual) {
    return std::getenv("TICKERTAPE_TEST_SEED") != nullptr ? seed() : usual;
}

/// Returns a number from 0 to `most`.
inline std::size_t up_to(Random& random, std::size_t most) {
    return std::uniform_int_distribution<std::size_t>{0, most}(random);
}

/// Returns true once in `times` calls, on average.
inline bool once_in(Random& random, std::size_t times) { return up_to(random, times - 1) == 0; }

} // namespace test
