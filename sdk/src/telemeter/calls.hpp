// SPDX-License-Identifier: MIT
/// \file
/// Calls: counts the calls in progress, so that an end can wait for them.
#pragma once

#include <atomic>
#include <cstdint>

namespace tickertape::telemeter {

/// Counts the calls in progress. After `refuse` no call begins, and `wait` returns when the last one has left.
///
/// Thread safety: all members may be called from any thread.
class Calls {
public:
    /// Returns whether the call may go on. If so, it ends with `leave`.
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

    /// Call it after `refuse`.
    void wait() const noexcept {
        for (std::uint32_t now = 0; (now = state_.load(std::memory_order_acquire)) != refused;) {
            state_.wait(now, std::memory_order_acquire);
        }
    }

private:
    static constexpr std::uint32_t refused = std::uint32_t{1} << 31U;

    std::atomic<std::uint32_t> state_{0}; // the number of calls, and that bit
};

} // namespace tickertape::telemeter
