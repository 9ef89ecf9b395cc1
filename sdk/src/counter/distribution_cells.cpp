// SPDX-License-Identifier: MIT
#include <tickertape/distribution_cells.hpp>

#include <cmath>

#include "counter/cells.hpp"

namespace tickertape::counter {

namespace {

/// This thread's bins, or null. Notes which page is missing.
ThreadBins* find_bins(std::uint32_t id) noexcept {
    if (counter::this_threads_cells == nullptr && !counter::lease_cells()) {
        return nullptr;
    }
    std::uint64_t* const cell = counter::this_threads_cells + id;
    std::uint64_t held = __atomic_load_n(cell, __ATOMIC_ACQUIRE);
    if (held == 0) {
        // Not with a store: a handler may have stored the mark before, and the sampler may have replaced it by bins since.
        __atomic_compare_exchange_n(cell, &held, bins_wanted, false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE);
    }
    return held > bins_wanted ? reinterpret_cast<ThreadBins*>(held) : nullptr; // NOLINT(*-int-to-ptr)
}

/// A try fails only if a tick, another thread or a handler wrote a value meanwhile. If one of them wrote a larger value, the loop ends.
void raise(std::uint64_t& highest, double value) noexcept {
    std::uint64_t found = __atomic_load_n(&highest, __ATOMIC_RELAXED);
    while (value > std::bit_cast<double>(found) &&
           !__atomic_compare_exchange_n(&highest, &found, std::bit_cast<std::uint64_t>(value), false, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED)) {
    }
}

void lower(std::uint64_t& lowest, double value) noexcept {
    std::uint64_t found = __atomic_load_n(&lowest, __ATOMIC_RELAXED);
    while (value < std::bit_cast<double>(found) &&
           !__atomic_compare_exchange_n(&lowest, &found, std::bit_cast<std::uint64_t>(value), false, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED)) {
    }
}

void widen_shared(SharedBins& shared, double value) noexcept {
    std::uint64_t found = shared.highest.load(std::memory_order_relaxed);
    while (value > std::bit_cast<double>(found) &&
           !shared.highest.compare_exchange_weak(found, std::bit_cast<std::uint64_t>(value), std::memory_order_release,
                                                 std::memory_order_relaxed)) {
    }
    found = shared.lowest.load(std::memory_order_relaxed);
    while (value < std::bit_cast<double>(found) &&
           !shared.lowest.compare_exchange_weak(found, std::bit_cast<std::uint64_t>(value), std::memory_order_release,
                                                std::memory_order_relaxed)) {
    }
}

/// A value and its bin. A value outside the range gets the nearest bin.
struct Placed {
    double value; // not -0.0
    double units;
    bool is_zero;
    std::size_t sign; // 1 if it is negative
    BinPlace place;
};

Placed place(double value, double factor) noexcept {
    Placed placed{
        .value = value == 0 ? 0.0 : value, .units = value * factor, .is_zero = false, .sign = value < 0, .place = {}};
    const double size = std::abs(placed.units);
    placed.is_zero = size == 0;
    placed.place = place_of(size);
    if (placed.place.octave >= octaves) {
        const bool is_small = size < 1;
        placed.place = {.octave = is_small ? 0 : octaves - 1, .bin = is_small ? 0 : bins_of_octave - 1};
        placed.units = is_small ? placed.units : std::copysign(most_units, placed.units);
    }
    return placed;
}

void record_shared(SharedBins& shared, const Placed& what) noexcept {
    constexpr auto relaxed = std::memory_order_relaxed;
    const auto units = static_cast<std::uint64_t>(whole(what.units));
    shared.sum_low.fetch_add(units & sum_low_mask, relaxed);
    shared.sum_high.fetch_add(static_cast<std::uint64_t>(static_cast<std::int64_t>(units) >> sum_low_bits), relaxed);
    widen_shared(shared, what.value);
    if (what.is_zero) {
        shared.zeros.fetch_add(1, std::memory_order_release);
        return;
    }
    const std::uint64_t mark = std::uint64_t{1} << what.place.octave;
    if ((shared.touched[what.sign].load(relaxed) & mark) == 0) {
        shared.touched[what.sign].fetch_or(mark, relaxed);
    }
    __atomic_fetch_add(shared.page(what.sign, what.place.octave) + what.place.bin, 1, __ATOMIC_RELEASE);
}

} // namespace

void widen(ThreadBins& mine, double value) noexcept {
    raise(mine.highest, value);
    lower(mine.lowest, value);
}

void record_slowly(const Recorder& to, double value) noexcept {
    if (to.shared == nullptr) {
        counter::add(nullptr, 0, 1); // an orphan
        return;
    }
    SharedBins& shared = *to.shared;
    if (!std::isfinite(value)) {
        shared.refused.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    if (is_clamped(value * to.factor)) {
        shared.clamped.fetch_add(1, std::memory_order_relaxed);
    }
    const Placed what = place(value, to.factor);
    ThreadBins* const mine = find_bins(to.id);
    if (mine == nullptr) {
        record_shared(shared, what);
        return;
    }
    std::uint64_t* const page = __atomic_load_n(&mine->pages[what.sign][what.place.octave], __ATOMIC_ACQUIRE);
    if (!what.is_zero && page == nullptr) {
        __atomic_fetch_or(&mine->wanted[what.sign], std::uint64_t{1} << what.place.octave, __ATOMIC_RELAXED);
        record_shared(shared, what);
        return;
    }
    add_units_as_owner(*mine, what.units);
    if (what.value > load_double(mine->highest) || what.value < load_double(mine->lowest)) {
        widen(*mine, what.value);
    }
    count_as_owner(what.is_zero ? mine->zeros : page[what.place.bin]);
}

} // namespace tickertape::counter
