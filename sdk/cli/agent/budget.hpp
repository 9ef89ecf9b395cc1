// SPDX-License-Identifier: MIT
/// \file
/// Budget: how much a child may still cost.
#pragma once

#include <algorithm>
#include <chrono>

#include <tickertape/time.hpp>

namespace tickertape::cli::agent {

/// A number of lines or bytes that refills steadily, up to the amount of one second. It may be overdrawn: a piece is known only after it
/// has been read.
///
/// Thread safety: none.
class Budget {
public:
    /// Takes `cost` from the budget, of which `each_second` come back in a second.
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
    /// Keeps no more than a second's debt: its owner need not rest for what it was allowed.
    void forgive() noexcept { left_ = std::max(left_, -each_second_); }

private:
    double left_ = 0;
    double each_second_ = 1;
    SteadyTime filled_{};
};

} // namespace tickertape::cli::agent
