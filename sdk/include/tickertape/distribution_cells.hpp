// SPDX-License-Identifier: MIT
/// \file
/// The hot path of distributions. Not for users. sdk/DESIGN.md, "A distribution's cells", explains why it is correct.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <tickertape/bins.hpp>
#include <tickertape/counter_cells.hpp>

namespace tickertape::counter {

/// The initial `highest` and `lowest`: bits of an infinity, because a value is finite.
inline constexpr auto no_highest = std::bit_cast<std::uint64_t>(-std::numeric_limits<double>::infinity());
inline constexpr auto no_lowest = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::infinity());

/// The sum's units are counted in two cells, the remainder of a division by 2^32 and the quotient.
inline constexpr unsigned sum_low_bits = 32;
inline constexpr std::uint64_t sum_low_mask = (std::uint64_t{1} << sum_low_bits) - 1;

/// One thread's totals of one distribution. The thread adds; the sampler reads, takes the extremes and adds pages.
struct alignas(64) ThreadBins {
    std::uint64_t sum_low = 0;
    std::uint64_t sum_high = 0;
    std::uint64_t highest = no_highest; ///< bits of a double, since the sampler took it
    std::uint64_t lowest = no_lowest;
    std::uint64_t zeros = 0;
    std::uint64_t wanted[2] =
        {}; ///< by sign: the octaves that a value had no page for // NOLINT(*-c-arrays): one line of cache
    std::uint64_t unused = 0;
    std::uint64_t* pages[2][octaves] =
        {}; ///< by sign and octave, each of `bins_of_octave`, or null // NOLINT(*-c-arrays)
};
static_assert(sizeof(ThreadBins) == 1024);

/// Shared by all threads: a value is counted here if its thread has no page for it.
struct SharedBins {
    std::atomic<std::uint64_t> sum_low{0};
    std::atomic<std::uint64_t> sum_high{0};
    std::atomic<std::uint64_t> highest{no_highest};
    std::atomic<std::uint64_t> lowest{no_lowest};
    std::atomic<std::uint64_t> zeros{0};
    std::atomic<std::uint64_t> touched[2] = {}; ///< by sign: the octaves that have a value // NOLINT(*-c-arrays)
    std::atomic<std::uint64_t> clamped{0};      ///< of all values, also of those in threads' bins
    std::atomic<std::uint64_t> refused{0};
    std::uint64_t* bins = nullptr; ///< of both signs and all octaves, changed atomically; resident where touched

    [[nodiscard]] std::uint64_t* page(std::size_t sign, std::size_t octave) const noexcept {
        return bins + (sign * octaves + octave) * bins_of_octave;
    }
};

/// The cells of a distribution. All zero before the constructor of a static distribution, and after it was moved from.
struct Recorder {
    SharedBins* shared = nullptr;
    double factor = 0; ///< units in 1
    std::uint32_t id = 0;
};

/// Replaces a pointer to ThreadBins if the thread has none and needs them.
inline constexpr std::uint64_t bins_wanted = 1;

/// Records a value that has no place in this thread's bins yet, or is not a number. Wait-free and async-signal-safe.
void record_slowly(const Recorder& to, double value) noexcept;
/// Called when `value` is beyond an extreme.
void widen(ThreadBins& mine, double value) noexcept;

inline double load_double(const std::uint64_t& bits) noexcept {
    return std::bit_cast<double>(__atomic_load_n(&bits, __ATOMIC_RELAXED));
}

/// Adds units to the sum; less than 2^62.
inline void add_units_as_owner(ThreadBins& mine, double units) noexcept {
    const std::int64_t whole_units = whole(units);
    add_as_owner(mine.sum_low, static_cast<std::uint64_t>(whole_units) & sum_low_mask);
    if (const std::int64_t high = whole_units >> sum_low_bits; high != 0) [[unlikely]] {
        add_as_owner(mine.sum_high, static_cast<std::uint64_t>(high));
    }
}

/// Counts a value, after all its other parts were written: a thread that sees the count sees the rest, too.
inline void count_as_owner(std::uint64_t& bin) noexcept {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    asm volatile("addq $1, %0" : "+m"(bin) : : "cc", "memory");
#else
    __atomic_fetch_add(&bin, 1, __ATOMIC_RELEASE);
#endif
}

inline void record(const Recorder& to, double value) noexcept {
    const double units = value * to.factor;
    const BinPlace place = place_of(units);
    std::uint64_t* const cells = counter::this_threads_cells;
    if (place.octave < octaves && cells != nullptr) [[likely]] { // such a value is positive
        const std::uint64_t held = __atomic_load_n(cells + to.id, __ATOMIC_ACQUIRE);
        if (held > bins_wanted) [[likely]] {
            auto& mine = *reinterpret_cast<ThreadBins*>(held); // NOLINT(*-reinterpret-cast,*-int-to-ptr)
            std::uint64_t* const page = __atomic_load_n(&mine.pages[0][place.octave], __ATOMIC_ACQUIRE);
            if (page != nullptr) [[likely]] {
                add_units_as_owner(mine, units);
                // Bits of doubles compare as integers, the sign included, if one of the two is positive.
                const auto bits = std::bit_cast<std::int64_t>(value);
                if (bits > static_cast<std::int64_t>(__atomic_load_n(&mine.highest, __ATOMIC_RELAXED)) ||
                    bits < static_cast<std::int64_t>(__atomic_load_n(&mine.lowest, __ATOMIC_RELAXED))) [[unlikely]] {
                    widen(mine, value);
                }
                count_as_owner(page[place.bin]);
                return;
            }
        }
    }
    record_slowly(to, value);
}

} // namespace tickertape::counter
