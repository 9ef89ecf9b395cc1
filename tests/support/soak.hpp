// SPDX-License-Identifier: MIT
/// \file
/// The duration of the tests of scripts/check soak.
#pragma once

#include <chrono>
#include <cstdlib>
#include <string>

namespace test {

/// TICKERTAPE_SOAK_SECONDS, if it is set.
inline std::chrono::seconds soak_length(std::chrono::seconds usual) {
    const char* const text = std::getenv("TICKERTAPE_SOAK_SECONDS"); // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? usual : std::chrono::seconds{std::stol(text)};
}

} // namespace test
