// SPDX-License-Identifier: MIT
/// \file
/// Progress: how tests are slow without a clock, by waiting for what others do meanwhile.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace test {

/// Steps of threads, for a transmitter that is to be slow beside them.
class Progress {
public:
    void step() noexcept { ++steps_; }
    /// There are no more steps: nobody waits for one.
    void end() noexcept { is_over_ = true; }

    /// Waits for so many steps from now on.
    void await_more(std::uint64_t steps) const {
        for (const std::uint64_t before = steps_; !is_over_ && steps_ < before + steps;) {
            std::this_thread::yield();
        }
    }

private:
    std::atomic<std::uint64_t> steps_{0};
    std::atomic<bool> is_over_{false};
};

} // namespace test
