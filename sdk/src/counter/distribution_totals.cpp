// SPDX-License-Identifier: MIT
#include "counter/distribution_totals.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>

namespace tickertape::counter {

namespace {

constexpr std::size_t shared_bytes = std::size_t{2} * octaves * bins_of_octave * sizeof(std::uint64_t);

/// Calls `f` with the number of each bit, lowest first.
template <class F>
void for_each_bit(std::uint64_t bits, F f) {
    for (; bits != 0; bits &= bits - 1) {
        f(static_cast<std::size_t>(std::countr_zero(bits)));
    }
}

std::uint64_t load(const std::uint64_t& cell) noexcept { return __atomic_load_n(&cell, __ATOMIC_RELAXED); }

/// A thread writes the sum and the extremes of a value first, and then releases its count. So a later load of these sees every value
/// that the count includes. See sdk/DESIGN.md.
std::uint64_t load_count(const std::uint64_t& cell) noexcept { return __atomic_load_n(&cell, __ATOMIC_ACQUIRE); }

} // namespace

struct alignas(64) DistributionTotals::Chunk {
    std::array<std::uint64_t, pages_of_a_chunk * bins_of_octave> cells{};
};

void DistributionTotals::Extremes::widen(double high, double low) noexcept {
    highest = std::max(highest, high);
    lowest = std::min(lowest, low);
}

DistributionTotals::DistributionTotals(std::uint32_t id, const Scale& scale) : id_{id}, scale_{scale} {
    void* const memory =
        mmap(nullptr, shared_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::bad_alloc{};
    }
    shared_.bins = static_cast<std::uint64_t*>(memory);
}

DistributionTotals::~DistributionTotals() {
    for (const counter::Block* block = counter::first_block(); block != nullptr; block = block->next) {
        if (!block->blank.load(std::memory_order_acquire)) {
            __atomic_store_n(block->cells + id_, 0, __ATOMIC_RELAXED);
        }
    }
    munmap(shared_.bins, shared_bytes);
}

void DistributionTotals::take(BinCounts& out) {
    gather(out, How::take);
    grow();
}

void DistributionTotals::peek(BinCounts& out) { gather(out, How::peek); }

std::uint64_t DistributionTotals::count() {
    BinCounts counts;
    peek(counts);
    return counts.count;
}

void DistributionTotals::gather(BinCounts& out, How how) {
    out.bins.clear();
    out.count = 0;
    const std::uint64_t zeros_now = all_zeros();
    std::array<std::uint64_t, 2> used{shared_.touched[0].load(std::memory_order_relaxed),
                                      shared_.touched[1].load(std::memory_order_relaxed)};
    for (const Owned& owned : threads_) {
        used[0] |= owned.octaves[0];
        used[1] |= owned.octaves[1];
    }
    for (const std::size_t sign : {1U, 0U}) {
        for (std::size_t octave = 0; octave < octaves; ++octave) {
            if (bins_taken_[sign][octave] != nullptr) {
                used[sign] |= std::uint64_t{1} << octave;
            }
        }
    }
    std::array<std::uint64_t, 2> recent{};
    const auto gather_sign = [&](std::size_t sign) {
        for_each_bit(used[sign], [&](std::size_t octave) {
            const std::size_t before = out.bins.size();
            gather_octave(sign, octave, out, how);
            recent[sign] |= out.bins.size() > before ? std::uint64_t{1} << octave : 0;
        });
    };
    gather_sign(1);
    std::reverse(out.bins.begin(), out.bins.end()); // from the largest magnitude to the smallest
    if (const std::uint64_t zeros = zeros_now - taken_.zeros; zeros != 0) {
        out.bins.emplace_back(0, zeros);
    }
    gather_sign(0);
    for (const auto& [number, count] : out.bins) {
        out.count += count;
    }
    out.sum = 0;
    out.clamped = 0;
    if (how == How::take) {
        recent_ = recent;
    }
    if (out.count == 0) {
        return; // values that are in the sums already are counted in the next bucket
    }
    Totals sums = this->sums();
    sums.zeros = zeros_now;
    const auto high = static_cast<std::int64_t>(sums.sum_high - taken_.sum_high);
    out.sum = static_cast<Int128>(high) * (std::int64_t{1} << sum_low_bits) +
              static_cast<Int128>(sums.sum_low - taken_.sum_low);
    const std::uint64_t clamped = shared_.clamped.load(std::memory_order_relaxed);
    out.clamped = clamped - clamped_taken_;
    find_extremes(out, how);
    if (how == How::take) {
        taken_ = sums;
        clamped_taken_ = clamped;
    }
}

void DistributionTotals::gather_octave(std::size_t sign, std::size_t octave, BinCounts& out, How how) {
    std::array<std::uint64_t, bins_of_octave> now{};
    const auto add = [&now](const std::uint64_t* page) {
        for (std::size_t bin = 0; bin < bins_of_octave; ++bin) {
            now[bin] += load_count(page[bin]);
        }
    };
    const std::uint64_t mark = std::uint64_t{1} << octave;
    for (const Owned& owned : threads_) {
        if ((owned.octaves[sign] & mark) != 0) {
            add(owned.bins->pages[sign][octave]);
        }
    }
    if ((shared_.touched[sign].load(std::memory_order_relaxed) & mark) != 0) {
        add(shared_.page(sign, octave));
    }
    std::unique_ptr<std::uint64_t[]>& taken = bins_taken_[sign][octave]; // NOLINT(*-c-arrays)
    if (taken == nullptr) {
        taken = std::make_unique<std::uint64_t[]>(bins_of_octave); // NOLINT(*-c-arrays)
    }
    for (std::size_t bin = 0; bin < bins_of_octave; ++bin) {
        if (const std::uint64_t count = now[bin] - taken[bin]; count != 0) {
            out.bins.emplace_back(bin_number(sign != 0, static_cast<unsigned>(octave), static_cast<unsigned>(bin)),
                                  count);
            if (how == How::take) {
                taken[bin] = now[bin];
            }
        }
    }
}

std::uint64_t DistributionTotals::all_zeros() const noexcept {
    std::uint64_t zeros = shared_.zeros.load(std::memory_order_acquire);
    for (const Owned& owned : threads_) {
        zeros += load_count(owned.bins->zeros);
    }
    return zeros;
}

DistributionTotals::Totals DistributionTotals::sums() const noexcept {
    Totals sums{.sum_low = shared_.sum_low.load(std::memory_order_relaxed),
                .sum_high = shared_.sum_high.load(std::memory_order_relaxed)};
    for (const Owned& owned : threads_) {
        sums.sum_low += load(owned.bins->sum_low);
        sums.sum_high += load(owned.bins->sum_high);
    }
    return sums;
}

void DistributionTotals::find_extremes(BinCounts& out, How how) {
    const int lowest = out.bins.front().first;
    const int highest = out.bins.back().first;
    const auto number = [this](double value) { return bin_number(scale_.units(value)); };
    Extremes found;
    Extremes later; // of values that are not counted yet
    const auto sort = [&](double high, double low) {
        if (std::isfinite(high)) {
            double& of = number(high) <= highest ? found.highest : later.highest;
            of = std::max(of, high);
        }
        if (std::isfinite(low)) {
            double& of = number(low) >= lowest ? found.lowest : later.lowest;
            of = std::min(of, low);
        }
    };
    const auto look = [how](std::uint64_t& cell, std::uint64_t nothing) {
        // An exchange takes the cache line from its thread, so it is done only if the cell has a value.
        const std::uint64_t seen = load(cell);
        return std::bit_cast<double>(
            how == How::peek || seen == nothing ? seen : __atomic_exchange_n(&cell, nothing, __ATOMIC_ACQ_REL));
    };
    sort(waiting_.highest, waiting_.lowest);
    if (how == How::take) {
        sort(std::bit_cast<double>(shared_.highest.exchange(no_highest)),
             std::bit_cast<double>(shared_.lowest.exchange(no_lowest)));
    } else {
        sort(std::bit_cast<double>(shared_.highest.load()), std::bit_cast<double>(shared_.lowest.load()));
    }
    for (const Owned& owned : threads_) {
        sort(look(owned.bins->highest, no_highest), look(owned.bins->lowest, no_lowest));
    }
    if (how == How::take) {
        waiting_ = later;
    }
    // An extreme is missing here if the bucket before took it while its value was about to be counted.
    const auto is_known = [&](double extreme, int bin) { return std::isfinite(extreme) && number(extreme) == bin; };
    const bool max_is_known = is_known(found.highest, highest);
    const bool min_is_known = is_known(found.lowest, lowest);
    out.max = max_is_known ? found.highest : scale_.value(value_of_bin(highest));
    out.min = min_is_known ? found.lowest : scale_.value(value_of_bin(lowest));
    if (out.min > out.max) { // both are of the same bin, and one is the value of the bin
        (max_is_known ? out.min : out.max) = max_is_known ? out.max : out.min;
    }
}

void DistributionTotals::grow() {
    for (const counter::Block* block = counter::first_block(); block != nullptr; block = block->next) {
        if (block->blank.load(std::memory_order_acquire) ||
            __atomic_load_n(block->cells + id_, __ATOMIC_RELAXED) != bins_wanted) {
            continue;
        }
        Owned owned{.bins = std::make_unique<ThreadBins>(), .chunks = {}};
        for (const std::size_t sign : {0U, 1U}) {
            for_each_bit(recent_[sign], [&](std::size_t octave) { give_page(owned, sign, octave); });
        }
        // Only this thread writes here now: the owner of the block only replaces 0 by the mark.
        __atomic_store_n(block->cells + id_, reinterpret_cast<std::uint64_t>(owned.bins.get()), __ATOMIC_RELEASE);
        threads_.push_back(std::move(owned));
    }
    for (Owned& owned : threads_) {
        for (const std::size_t sign : {0U, 1U}) {
            const std::uint64_t missing = load(owned.bins->wanted[sign]) & ~owned.octaves[sign];
            for_each_bit(missing, [&](std::size_t octave) { give_page(owned, sign, octave); });
        }
    }
} // NOLINT(clang-analyzer-*): `threads_` owns the bins

void DistributionTotals::give_page(Owned& owned, std::size_t sign, std::size_t octave) {
    const std::size_t place = owned.pages % pages_of_a_chunk;
    if (place == 0) {
        owned.chunks.push_back(std::make_unique<Chunk>());
    }
    ++owned.pages;
    owned.octaves[sign] |= std::uint64_t{1} << octave;
    std::uint64_t* const page = owned.chunks.back()->cells.data() + place * bins_of_octave;
    __atomic_store_n(&owned.bins->pages[sign][octave], page, __ATOMIC_RELEASE);
}

void DistributionTotals::fold(std::uint64_t held) {
    const auto owned = std::find_if(threads_.begin(), threads_.end(), [held](const Owned& each) {
        return reinterpret_cast<std::uint64_t>(each.bins.get()) == held;
    });
    if (owned == threads_.end()) {
        return; // the thread had only the mark
    }
    const ThreadBins& bins = *owned->bins;
    // Totals are compared with the totals that were taken before, so folded ones are subtracted from both.
    taken_.sum_low -= bins.sum_low;
    taken_.sum_high -= bins.sum_high;
    taken_.zeros -= bins.zeros;
    waiting_.widen(std::bit_cast<double>(bins.highest), std::bit_cast<double>(bins.lowest));
    for (const std::size_t sign : {0U, 1U}) {
        for_each_bit(owned->octaves[sign], [&](std::size_t octave) {
            std::unique_ptr<std::uint64_t[]>& taken = bins_taken_[sign][octave]; // NOLINT(*-c-arrays)
            if (taken == nullptr) {
                taken = std::make_unique<std::uint64_t[]>(bins_of_octave); // NOLINT(*-c-arrays)
            }
            for (std::size_t bin = 0; bin < bins_of_octave; ++bin) {
                taken[bin] -= bins.pages[sign][octave][bin];
            }
        });
    }
    threads_.erase(owned);
}

std::size_t DistributionTotals::bytes_of_a_thread() const noexcept {
    return threads_.empty() ? 0 : sizeof(ThreadBins) + threads_.front().chunks.size() * sizeof(Chunk);
}

} // namespace tickertape::counter
