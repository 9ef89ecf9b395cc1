// SPDX-License-Identifier: MIT
/// \file
/// Budget: limits the rate of a child's lines or bytes.
#pragma once

#include <algorithm>
#include <chrono>

#include <tickertape/time.hpp>

namespace tickertape::cli::agent {

/// A token bucket of lines or bytes, which holds the amount of one second. It may be overdrawn, because the agent knows the size of a
/// piece only after reading it.
///
/// Thread safety: none.
class Budget {
public:
    /// Refills the budget at `each_second`, then takes `cost` from it.
    void spend(double cost, double each_second, SteadyTime now) noexcept {
        const double since = std::chrono::duration<double>(now - filled_).count();
        left_ = std::min(each_second, left_ + since * each_second) - cost;
        each_second_ = each_second;
        filled_ = now;
    }
    /// Returns the time until it is no longer overdrawn; 0 if it is not.
    [[nodiscard]] SteadyTime::duration rest() const noexcept {
        return std::chrono::duration_cast<SteadyTime::duration>(
            std::chrono::duration<double>(std::max(0.0, -left_) / each_second_));
    }
    /// Limits the debt to the amount of one second: its owner was allowed to write more.
    void forgive() noexcept { left_ = std::max(left_, -each_second_); }

private:
    double left_ = 0;
    double each_second_ = 1;
    SteadyTime filled_{};
};

} // namespace tickertape::cli::agent
