// SPDX-License-Identifier: MIT
// The tick and the dump of one distribution.
#include "counter/distribution_state.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "counter/group.hpp"
#include "point/series_table.hpp"

namespace tickertape::counter {

using point::PointBuffer;

namespace {

/// Memory of ticks and dumps, under the registry's mutex.
BinCounts& scratch() {
    static BinCounts& counts = *new BinCounts;
    return counts;
}

} // namespace

DistributionIds& DistributionIds::instance() {
    static DistributionIds* const immortal = new DistributionIds;
    return *immortal;
}

std::uint32_t DistributionIds::take(DistributionState& state) {
    if (free_.empty()) {
        if (by_id_.size() == max_distributions) {
            throw UsageError{"too many distributions are alive at once; a process holds " +
                             std::to_string(max_distributions)};
        }
        by_id_.push_back(&state);
        return first_distribution_id + size() - 1;
    }
    const std::uint32_t id = free_.back();
    free_.pop_back();
    by_id_[id - first_distribution_id] = &state;
    return id;
}

void DistributionIds::give_back(std::uint32_t id) {
    by_id_[id - first_distribution_id] = nullptr;
    free_.push_back(id);
}

DistributionState* DistributionIds::find(std::uint32_t id) const noexcept {
    return id >= first_distribution_id && id - first_distribution_id < by_id_.size()
               ? by_id_[id - first_distribution_id]
               : nullptr;
}

DistributionState::DistributionState(Series named, Group& member, const CounterOptions& options, RingSize ring)
    : CounterState{std::move(named), member, options, ring}, packed_(ring.most), forgotten_{history.end()} {
    scale = Scale{options.resolution};
}

DistributionState::~DistributionState() {
    for (const DistributionOutput& output : outputs) {
        point::SeriesTable::instance().disclaim(output.series);
    }
}

void DistributionState::enter() {
    id = DistributionIds::instance().take(*this);
    try {
        totals = std::make_unique<DistributionTotals>(id, scale);
        group->enter(*this);
    } catch (...) {
        DistributionIds::instance().give_back(id);
        throw;
    }
}

void DistributionState::leave() noexcept {
    group->leave(*this);
    DistributionIds::instance().give_back(id);
}

void DistributionState::add_to(CounterBase::Stats& all) const {
    const SharedBins& shared = totals->shared();
    all.refused = shared.refused.load(std::memory_order_relaxed);
    all.clamped = shared.clamped.load(std::memory_order_relaxed);
}

void DistributionState::lose(std::uint64_t bits) {
    ++stats.buckets_lost;
    stats.counts_lost += static_cast<std::int64_t>(bits);
    settled = 0; // the cursor moves on
}

void DistributionState::carry(std::uint64_t now) {
    stats.carried += static_cast<std::int64_t>(now - carried);
    carried = now;
}

void DistributionState::close(std::uint64_t ended) {
    const std::uint64_t first = history.end();
    const std::uint64_t skipped = taken(first, ended);
    // A suspended counter has a value only for the bucket in which it was suspended.
    const std::uint64_t writable = ended - skipped;
    const std::uint64_t filled = !suspended ? writable : skipped == 0 && history.is_partial(first) ? 1 : 0;
    const std::uint64_t over = make_room(ended);
    if (filled == 0) {
        carry(totals->count());
        for (std::uint64_t i = over; i < ended; ++i) {
            push(History::absent);
        }
        return;
    }
    BinCounts& counts = scratch();
    totals->take(counts);
    if (skipped > 0) {
        carry(counts.count);
    }
    carried = 0;
    if (counts.count > 0 && filled > 1) {
        ++stats.smeared;
    }
    if (counts.count > 0 && over > skipped) {
        lose(counts.count);
    }
    for (std::uint64_t i = over; i < ended; ++i) {
        std::uint64_t bits = History::absent;
        if (i >= skipped && i < skipped + filled) {
            // If no value came in the observed part of a bucket, values may have come in the rest.
            const bool unknown = bucket_state(history.end()) == BucketState::partial;
            if (counts.count == 0) {
                bits = unknown ? History::absent : 0;
            } else if (i == skipped) {
                bits = counts.count;
                packed(history.end()) = PackedSketch{counts};
            }
        }
        if (bits == History::absent || bits == 0) {
            packed(history.end()) = {};
        }
        push(bits);
    }
    forget_old();
}

void DistributionState::forget_old() {
    // Forgets written buckets that the window no longer covers. Plus one, because the window's end is the running bucket.
    const auto buckets = static_cast<std::uint64_t>(timespan / group->timeline.granularity()) + 1;
    const std::uint64_t windowed = history.end() - std::min(history.end(), buckets);
    const std::uint64_t until = std::max(std::min(history.cursor(), windowed), history.begin());
    for (forgotten_ = std::max(forgotten_, history.begin()); forgotten_ < until; ++forgotten_) {
        packed(forgotten_) = {};
    }
}

std::optional<std::uint64_t> DistributionState::cut() {
    const WallTime open = group->timeline.open();
    if (open <= floor || (suspended && !history.is_partial(history.end()))) {
        return std::nullopt;
    }
    BinCounts& counts = scratch();
    totals->take(counts);
    carried = 0;
    if (counts.count == 0) {
        return std::nullopt;
    }
    floor = open;
    last_timestamp = open;
    return counts.count;
}

void DistributionState::rebase() {
    BinCounts& counts = scratch();
    totals->take(counts);
    carried = 0;
    settled = 0;
    for (PackedSketch& each : packed_) {
        each = {};
    }
    stats.counts_cleared += static_cast<std::int64_t>(counts.count);
}

void DistributionState::unpack(std::uint64_t sequence, Sketch& into) const {
    packed_[static_cast<std::size_t>(sequence % packed_.size())].unpack(into);
}

Sketch DistributionState::running() const {
    BinCounts& counts = scratch();
    totals->peek(counts);
    Sketch sketch{scale.resolution()};
    PackedSketch::assign(sketch, counts);
    return sketch;
}

std::size_t DistributionState::ring_bytes() const {
    std::size_t bytes = packed_.capacity() * sizeof(PackedSketch) + history.capacity() * sizeof(std::uint64_t);
    for (const PackedSketch& each : packed_) {
        bytes += each.size();
    }
    return bytes;
}

std::size_t DistributionState::append(const Sketch& sketch, WallTime timestamp, std::size_t from, std::size_t most,
                                      PointBuffer& out) const {
    std::size_t appended = 0;
    for (std::size_t i = from; i < outputs.size() && appended < most; ++i, ++appended) {
        out.push_back(outputs[i].series, timestamp, outputs[i].value(sketch));
    }
    return appended;
}

void DistributionState::collect(std::size_t most, PointBuffer& out, std::vector<std::uint64_t>* sequences) {
    Sketch sketch{scale.resolution()};
    std::uint64_t next = history.cursor();
    for (; next != history.end() && most > 0; ++next, settled = 0) {
        const std::uint64_t count = history[next];
        if (count == History::absent) {
            continue;
        }
        const WallTime timestamp = group->timeline.timestamp(next);
        std::size_t appended = 0;
        bool complete = true;
        if (count > 0) {
            unpack(next, sketch);
            appended = append(sketch, timestamp, settled, most, out);
            settled += appended;
            complete = settled == outputs.size();
        } else if (outputs.front().kind == DistributionOutput::Kind::field && outputs.front().field == Field::count) {
            out.push_back(outputs.front().series, timestamp, 0);
            appended = 1;
        }
        if (sequences != nullptr) {
            sequences->insert(sequences->end(), appended, next);
        }
        most -= appended;
        if (!complete) {
            break;
        }
    }
    history.set_cursor(next);
}

void DistributionState::give_back(const PointBuffer& batch, const std::vector<std::uint64_t>& sequences,
                                  std::size_t from, std::uint64_t behind) {
    const bool can = history.cursor() == behind;
    while (from < sequences.size() && (!can || sequences[from] < history.begin())) {
        const std::uint64_t lost = sequences[from];
        std::uint64_t count = 0; // as far as it is known
        for (; from < sequences.size() && sequences[from] == lost; ++from) {
            count = batch[from].series() == outputs.front().series && batch[from].value().is_integer()
                        ? static_cast<std::uint64_t>(batch[from].value().integer())
                        : count;
        }
        ++stats.buckets_lost;
        stats.counts_lost += static_cast<std::int64_t>(count);
    }
    if (from == sequences.size()) {
        return;
    }
    const std::uint64_t first = sequences[from];
    const auto left = static_cast<std::size_t>(
        std::count(sequences.begin() + static_cast<std::ptrdiff_t>(from), sequences.end(), first));
    const std::size_t collected = first == history.cursor() ? settled : outputs.size();
    settled = history[first] == 0 ? 0 : collected - left;
    history.set_cursor(first);
}

void DistributionState::collect_cut(PointBuffer& out) {
    if (cut()) {
        Sketch sketch{scale.resolution()};
        PackedSketch::assign(sketch, scratch());
        append(sketch, group->timeline.open(), 0, outputs.size(), out);
    }
}

} // namespace tickertape::counter
