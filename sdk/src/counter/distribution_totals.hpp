// SPDX-License-Identifier: MIT
/// \file
/// The cells of one distribution, seen from the sampler's side.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <tickertape/distribution_cells.hpp>

#include "counter/cells.hpp"

namespace tickertape::counter {

/// The recordings between two ticks.
struct BinCounts {
    std::vector<std::pair<int, std::uint64_t>> bins; ///< in order of their numbers; no count is 0
    std::uint64_t count = 0;
    std::uint64_t clamped = 0;
    Int128 sum = 0; ///< units
    double min = 0; ///< this and `max` are in the outermost of `bins`
    double max = 0;
};

/// All totals of a distribution, and the part of them for which buckets have been made.
///
/// Thread safety: used under the registry's mutex. Nothing may be recorded any more when it is destroyed.
class DistributionTotals {
public:
    /// Throws std::bad_alloc if there is no address space for the shared bins.
    DistributionTotals(std::uint32_t id, const Scale& scale);
    DistributionTotals(const DistributionTotals&) = delete;
    DistributionTotals& operator=(const DistributionTotals&) = delete;
    ~DistributionTotals();

    /// Takes the recordings since the last call and adds them to `out`. Gives threads the bins that they need and do not have.
    void take(BinCounts& out);
    /// The result that `take` would have.
    void peek(BinCounts& out);
    /// Returns the number of those recordings.
    [[nodiscard]] std::uint64_t count();
    /// Takes over the totals of a thread's bins, and frees them. `held` was in the cell; the sampler holds the lease of the block.
    void fold(std::uint64_t held);

    [[nodiscard]] const SharedBins& shared() const noexcept { return shared_; }
    [[nodiscard]] Recorder recorder() noexcept { return {&shared_, scale_.factor(), id_}; }
    [[nodiscard]] const Scale& scale() const noexcept { return scale_; }
    /// Returns the memory of a thread's bins; 0 if no thread has any.
    [[nodiscard]] std::size_t bytes_of_a_thread() const noexcept;

private:
    static constexpr std::size_t pages_of_a_chunk = 8; // 36 lines of cache

    struct Chunk;
    struct Owned {
        std::unique_ptr<ThreadBins> bins;
        std::vector<std::unique_ptr<Chunk>> chunks;
        std::size_t pages = 0;
        std::array<std::uint64_t, 2> octaves{}; // by sign: those with a page
    };
    struct Extremes {
        double highest = std::bit_cast<double>(no_highest);
        double lowest = std::bit_cast<double>(no_lowest);
        void widen(double high, double low) noexcept;
    };
    struct Totals {
        std::uint64_t sum_low = 0;
        std::uint64_t sum_high = 0;
        std::uint64_t zeros = 0;
    };

    enum class How : std::uint8_t { take, peek };
    void gather(BinCounts& out, How how);
    void gather_octave(std::size_t sign, std::size_t octave, BinCounts& out, How how);
    void find_extremes(BinCounts& out, How how);
    [[nodiscard]] std::uint64_t all_zeros() const noexcept;
    [[nodiscard]] Totals sums() const noexcept; ///< except the zeros
    void grow();
    void give_page(Owned& owned, std::size_t sign, std::size_t octave);

    std::uint32_t id_;
    Scale scale_;
    SharedBins shared_;
    std::vector<Owned> threads_;
    // All totals when they were taken last, without those of folded threads.
    Totals taken_;
    std::uint64_t clamped_taken_ = 0;
    std::array<std::array<std::unique_ptr<std::uint64_t[]>, octaves>, 2> bins_taken_; // NOLINT(*-c-arrays)
    Extremes waiting_;                      ///< of folded threads, and of values whose counts were not seen yet
    std::array<std::uint64_t, 2> recent_{}; // by sign: the octaves that the last bucket had
};

} // namespace tickertape::counter
