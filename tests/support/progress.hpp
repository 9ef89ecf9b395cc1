// SPDX-License-Identifier: MIT
/// \file
/// Progress: tests wait for steps of other threads instead of a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace test {

/// The steps of threads, for a transmitter that has to be slower than they are.
class Progress {
public:
    void step() noexcept { ++steps_; }
    /// There are no more steps, so no thread waits for one.
    void end() noexcept { is_over_ = true; }

    /// Waits for this number of further steps.
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
