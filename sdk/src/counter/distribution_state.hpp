// SPDX-License-Identifier: MIT
/// \file
/// DistributionState: the state of a distribution, for the sampler and the readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <tickertape/distribution_fields.hpp>
#include <tickertape/sketch.hpp>

#include "counter/counter_state.hpp"
#include "counter/distribution_totals.hpp"
#include "counter/packed_sketch.hpp"

namespace tickertape::counter {

/// One of the series that a distribution is written as.
struct DistributionOutput {
    enum class Kind : std::uint8_t { field, quantile, bucket };

    Series series;
    Kind kind;
    Field field;  ///< of a field
    double bound; ///< of a quantile its share, of a bucket its upper end, maybe infinite
    /// Returns the value of this series for a sketch that is not empty.
    [[nodiscard]] Value value(const Sketch& sketch) const;
};

/// Returns the series of a distribution. Throws UsageError for an invalid one.
[[nodiscard]] std::vector<DistributionOutput> outputs_of(Name metric, const CounterOptions& options,
                                                         const SeriesOptions& series);

/// The history has the number of recordings of each bucket; a second ring has their sketches.
struct DistributionState final : CounterState {
    DistributionState(Series named, Group& member, const CounterOptions& options, RingSize ring);

    ~DistributionState() override;

    void enter() override;
    void leave() noexcept override;
    [[nodiscard]] std::int64_t running_count() override { return static_cast<std::int64_t>(totals->count()); }
    void add_to(CounterBase::Stats& all) const override;
    std::optional<std::uint64_t> cut() override;
    void rebase() override;
    void lose(std::uint64_t bits) override;
    void collect(std::size_t most, point::PointBuffer& out, std::vector<std::uint64_t>* sequences) override;
    void collect_cut(point::PointBuffer& out) override;
    void give_back(const point::PointBuffer& batch, const std::vector<std::uint64_t>& sequences, std::size_t from,
                   std::uint64_t behind) override;
    /// Call it when `ended` buckets have ended.
    void close(std::uint64_t ended);

    /// The sketch of an ended bucket with a value.
    void unpack(std::uint64_t sequence, Sketch& into) const;
    /// The sketch of the running bucket.
    [[nodiscard]] Sketch running() const;
    /// Returns the bytes of all sketches in the second ring.
    [[nodiscard]] std::size_t ring_bytes() const;

    std::unique_ptr<DistributionTotals> totals; ///< not null after `enter`
    std::vector<DistributionOutput> outputs;
    Scale scale;
    std::size_t settled = 0; ///< points of the bucket at the cursor that were settled

private:
    [[nodiscard]] PackedSketch& packed(std::uint64_t sequence) {
        return packed_[static_cast<std::size_t>(sequence % packed_.size())];
    }
    void forget_old();
    void carry(std::uint64_t now);
    std::size_t append(const Sketch& sketch, WallTime timestamp, std::size_t from, std::size_t most,
                       point::PointBuffer& out) const;

    std::vector<PackedSketch> packed_;
    std::uint64_t forgotten_; ///< up to here nothing is packed
};

/// The ids of the distributions of the process.
///
/// Thread safety: under the registry's mutex.
class DistributionIds {
public:
    [[nodiscard]] static DistributionIds& instance();

    /// Throws UsageError if all are taken.
    [[nodiscard]] std::uint32_t take(DistributionState& state);
    void give_back(std::uint32_t id);
    /// Returns null if no distribution has the id.
    [[nodiscard]] DistributionState* find(std::uint32_t id) const noexcept;
    /// Returns the number of ids that are or were in use. They are consecutive, from the first one on.
    [[nodiscard]] std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(by_id_.size()); }

private:
    std::vector<DistributionState*> by_id_; // the index is the id less the first id; null if the id is free
    std::vector<std::uint32_t> free_;
};

} // namespace tickertape::counter
