// SPDX-License-Identifier: MIT
/// \file
/// Calls: counts the calls under way, so that an end can wait for the last one.
#pragma once

#include <atomic>
#include <cstdint>

namespace tickertape::telemeter {

/// Counts the calls that are under way. After `refuse` none begins, and `wait` returns when the last has left.
///
/// Thread safety: all members may be called from any thread.
class Calls {
public:
    /// Whether the call may go on; if so, it ends with `leave`.
    [[nodiscard]] bool enter() noexcept {
        if ((state_.fetch_add(1, std::memory_order_acquire) & refused) == 0) {
            return true;
        }
        leave();
        return false;
    }

    void leave() noexcept {
        if (state_.fetch_sub(1, std::memory_order_release) == (refused | 1U)) {
            state_.notify_all();
        }
    }

    void refuse() noexcept { state_.fetch_or(refused, std::memory_order_relaxed); }

    /// After `refuse`.
    void wait() const noexcept {
        for (std::uint32_t now = 0; (now = state_.load(std::memory_order_acquire)) != refused;) {
            state_.wait(now, std::memory_order_acquire);
        }
    }

private:
    static constexpr std::uint32_t refused = std::uint32_t{1} << 31U;

    std::atomic<std::uint32_t> state_{0}; // how many, and that bit
};

} // namespace tickertape::telemeter
