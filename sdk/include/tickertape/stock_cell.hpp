// SPDX-License-Identifier: MIT
/// \file
/// The readings of a stock between two ticks. Not for users. sdk/DESIGN.md explains why it is correct.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <optional>

namespace tickertape {

/// The value of a bucket with several readings.
enum class Fold : std::uint8_t { last, max, min, mean };

namespace counter {

/// The folded readings of the open bucket and the level of the last one.
class StockCell {
public:
    explicit StockCell(Fold fold) noexcept : fold_{fold} {}

    /// `Fold::last` only: one store, wait-free and async-signal-safe.
    void store(double reading) noexcept {
        folded_.store(std::bit_cast<std::uint64_t>(reading), std::memory_order_relaxed);
    }
    /// Any fold; lock-free.
    void fold(double reading) noexcept;
    /// Moves the level by `n` (from 0 before the first reading) and folds in the new level; lock-free.
    /// Returns false, and changes nothing, if the level would not be finite.
    bool add(double n) noexcept;

    /// Takes the readings folded since the last harvest, if any. One thread at a time.
    std::optional<double> harvest() noexcept;
    /// The value that a harvest would return.
    [[nodiscard]] std::optional<double> peek() const noexcept;
    [[nodiscard]] Fold fold_kind() const noexcept { return fold_; }

private:
    // An empty cell holds a NaN whose payload counts harvests, so that `add` notices a harvest between its load and its
    // exchange. A reading is never a NaN.
    static constexpr std::uint64_t empty_bits = 0x7ff8'0000'0000'0000;
    static constexpr std::uint64_t payload_bits = 0x0007'ffff'ffff'ffff;
    static constexpr bool is_empty(std::uint64_t bits) noexcept { return (bits & empty_bits) == empty_bits; }

    bool add_to_last(double n) noexcept;
    void fold_commutative(double reading) noexcept;
    void fold_mean(double reading) noexcept;
    std::optional<double> harvest_folded() noexcept;

    std::atomic<std::uint64_t> folded_{empty_bits};
    std::atomic<std::uint64_t> level_{0}; // bits of a double; for `last`, valid while folded_ is empty
    struct alignas(16) Mean {
        double sum = 0;
        std::uint64_t count = 0;
    };
    Mean mean_{};                // accessed by 16-byte compare-exchange only
    std::uint64_t harvests_ = 0; // of the one harvester
    Fold fold_;
};

} // namespace counter
} // namespace tickertape
