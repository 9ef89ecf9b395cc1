// SPDX-License-Identifier: MIT
/// \file
/// Discard: takes points and counts them.
#pragma once

#include <cstdint>
#include <span>

#include <tickertape/transmitter.hpp>

namespace tickertape {

/// Accepts every point and drops it: to measure the stages in front of it.
///
/// Thread safety: one thread at a time.
class Discard final : public Transmitter {
public:
    Outcome publish(std::span<const Point> points) override {
        points_ += points.size();
        return Outcome::all(points);
    }

    /// How many points it has taken.
    [[nodiscard]] std::uint64_t points() const noexcept { return points_; }

private:
    std::uint64_t points_ = 0;
};

} // namespace tickertape
