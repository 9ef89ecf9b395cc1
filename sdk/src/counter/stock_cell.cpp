// SPDX-License-Identifier: MIT
#include <tickertape/stock_cell.hpp>

#include <cmath>

namespace tickertape::counter {

namespace {

double to_double(std::uint64_t bits) noexcept { return std::bit_cast<double>(bits); }
std::uint64_t to_bits(double number) noexcept { return std::bit_cast<std::uint64_t>(number); }

// A 16-byte compare-exchange without libatomic: every x86-64 CPU since 2006 has cmpxchg16b.
__extension__ using Wide = unsigned __int128;

#if defined(__x86_64__)
__attribute__((target("cx16"), noinline)) // Clang 14 inlines it where the target is forgotten
#endif
bool exchange_if_equal(Wide* target, Wide& expected, Wide desired) noexcept {
    const Wide found = __sync_val_compare_and_swap(target, expected, desired);
    const bool done = found == expected;
    expected = found;
    return done;
}

} // namespace

void StockCell::fold(double reading) noexcept {
    if (fold_ == Fold::last) {
        store(reading);
        return;
    }
    level_.store(to_bits(reading), std::memory_order_relaxed);
    fold_commutative(reading);
}

bool StockCell::add(double n) noexcept {
    if (fold_ == Fold::last) {
        return add_to_last(n);
    }
    std::uint64_t found = level_.load(std::memory_order_relaxed);
    double level = 0;
    do {
        level = to_double(found) + n;
        if (!std::isfinite(level)) {
            return false;
        }
    } while (!level_.compare_exchange_weak(found, to_bits(level), std::memory_order_relaxed));
    fold_commutative(level);
    return true;
}

bool StockCell::add_to_last(double n) noexcept {
    std::uint64_t found = folded_.load(std::memory_order_acquire);
    while (true) {
        // Empty: the level was stored before the emptying exchange. If another harvest comes in between, the payload
        // differs and the exchange below fails.
        const std::uint64_t level = is_empty(found) ? level_.load(std::memory_order_acquire) : found;
        const double moved = to_double(level) + n;
        if (!std::isfinite(moved)) {
            return false;
        }
        if (folded_.compare_exchange_weak(found, to_bits(moved), std::memory_order_acq_rel,
                                          std::memory_order_acquire)) {
            return true;
        }
    }
}

void StockCell::fold_commutative(double reading) noexcept {
    // The order in which readings arrive here does not matter, so this may come later than the change of the level.
    if (fold_ == Fold::mean) {
        fold_mean(reading);
        return;
    }
    std::uint64_t found = folded_.load(std::memory_order_relaxed);
    while (is_empty(found) || (fold_ == Fold::max ? reading > to_double(found) : reading < to_double(found))) {
        if (folded_.compare_exchange_weak(found, to_bits(reading), std::memory_order_relaxed)) {
            return;
        }
    }
}

void StockCell::fold_mean(double reading) noexcept {
    auto* const target = reinterpret_cast<Wide*>(&mean_); // NOLINT(*-reinterpret-cast): accessed as one word only
    Wide expected = 0;                                    // a guess; the exchange returns the present value
    while (true) {
        const auto seen = std::bit_cast<Mean>(expected);
        const Mean next{seen.sum + reading, seen.count + 1};
        if (exchange_if_equal(target, expected, std::bit_cast<Wide>(next))) {
            return;
        }
    }
}

std::optional<double> StockCell::harvest() noexcept {
    if (fold_ != Fold::mean) {
        return harvest_folded();
    }
    auto* const target = reinterpret_cast<Wide*>(&mean_); // NOLINT(*-reinterpret-cast)
    Wide expected = 0;
    while (!exchange_if_equal(target, expected, 0)) {
    }
    const auto taken = std::bit_cast<Mean>(expected);
    if (taken.count == 0) {
        return std::nullopt;
    }
    return taken.sum / static_cast<double>(taken.count);
}

std::optional<double> StockCell::harvest_folded() noexcept {
    std::uint64_t found = folded_.load(std::memory_order_acquire);
    while (!is_empty(found)) {
        const std::uint64_t empty = empty_bits | (++harvests_ & payload_bits);
        if (fold_ == Fold::last) {
            level_.store(found, std::memory_order_release);
        }
        if (folded_.compare_exchange_strong(found, empty, std::memory_order_acq_rel, std::memory_order_acquire)) {
            return to_double(found);
        }
    }
    return std::nullopt;
}

std::optional<double> StockCell::peek() const noexcept {
    if (fold_ == Fold::mean) {
        auto* const target =
            reinterpret_cast<Wide*>(const_cast<Mean*>(&mean_)); // NOLINT: read by an exchange of 0 for 0
        Wide expected = 0;
        exchange_if_equal(target, expected, 0);
        const auto seen = std::bit_cast<Mean>(expected);
        return seen.count == 0 ? std::nullopt : std::optional{seen.sum / static_cast<double>(seen.count)};
    }
    const std::uint64_t found = folded_.load(std::memory_order_relaxed);
    return is_empty(found) ? std::nullopt : std::optional{to_double(found)};
}

} // namespace tickertape::counter
