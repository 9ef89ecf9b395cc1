// SPDX-License-Identifier: MIT
/// \file
/// Discard: accepts points, counts them and drops them.
#pragma once

#include <cstdint>
#include <span>

#include <tickertape/transmitter.hpp>

namespace tickertape {

/// Accepts every point and drops it. Use it to measure the cost of the stages before it.
///
/// Thread safety: one thread at a time.
class Discard final : public Transmitter {
public:
    Outcome publish(std::span<const Point> points) override {
        points_ += points.size();
        return Outcome::all(points);
    }

    /// Returns the number of accepted points.
    [[nodiscard]] std::uint64_t points() const noexcept { return points_; }

private:
    std::uint64_t points_ = 0;
};

} // namespace tickertape
