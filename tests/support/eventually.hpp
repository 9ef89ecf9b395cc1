// SPDX-License-Identifier: MIT
/// \file
/// Waits for expected events, on a machine that may be busy.
#pragma once

#include <chrono>
#include <thread>

namespace test {

/// Long enough for everything on a busy machine: only a failure takes longer.
inline constexpr std::chrono::milliseconds at_some_time = std::chrono::minutes{5};

/// Returns whether `condition()` became true within this time.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds within = at_some_time) {
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return true;
}

} // namespace test
