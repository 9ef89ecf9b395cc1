// SPDX-License-Identifier: MIT
// What a tick does to one counter.
#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "counter/cells.hpp"
#include "counter/registry.hpp"

namespace tickertape::counter {

namespace {

__extension__ using Int128 = __int128;

/// The first `shares` of `sum` split over `of` buckets in whole numbers, as evenly as goes.
std::int64_t first_shares(std::int64_t sum, std::uint64_t shares, std::uint64_t of) noexcept {
    if (shares == of) {
        return sum;
    }
    return static_cast<std::int64_t>(static_cast<Int128>(sum) * static_cast<Int128>(shares) / static_cast<Int128>(of));
}

std::uint64_t bits_of(double reading) noexcept {
    return std::bit_cast<std::uint64_t>(reading == 0 ? 0.0 : reading); // -0.0 stands for absent
}

} // namespace

CounterState::CounterState(Series named, Group& member, const CounterOptions& options, std::uint64_t capacity)
    : timespan{options.timespan}, series{std::move(named)}, group{&member},
      history{capacity, member.timeline.sequence()}, floor{member.timeline.open() - member.timeline.granularity()} {}

void CounterState::push(std::uint64_t bits) {
    if (bits != History::absent) {
        last_label = group->timeline.label(history.end());
    }
    history.push(bits, [this](std::uint64_t lost) { lose(lost); });
}

std::uint64_t CounterState::taken(std::uint64_t first, std::uint64_t ended) const {
    std::uint64_t count = 0;
    while (count < ended && group->timeline.label(first + count) <= floor) {
        ++count;
    }
    return count;
}

std::uint64_t CounterState::make_room(std::uint64_t ended) {
    if (ended <= history.capacity()) {
        return 0;
    }
    const std::uint64_t over = ended - history.capacity();
    history.pass_over(over, [this](std::uint64_t lost) { lose(lost); });
    return over;
}

BucketState CounterState::bucket_state(std::uint64_t sequence) const {
    return history.is_partial(sequence) ? BucketState::partial : group->timeline.state(sequence);
}

std::uint64_t RateState::total() const noexcept {
    std::uint64_t sum = 0;
    sum_cells(id, {&sum, 1});
    return base + spill.load(std::memory_order_relaxed) + sum;
}

void RateState::lose(std::uint64_t bits) {
    ++stats.buckets_lost;
    stats.counts_lost += static_cast<std::int64_t>(bits);
}

void RateState::carry(std::uint64_t now) {
    stats.carried += static_cast<std::int64_t>(now - carried);
    carried = now;
}

bool RateState::close_one(const EndedBucket& bucket, std::uint64_t now) {
    const std::uint64_t sum = now - last;
    if (suspended || bucket.label <= floor || sum == History::absent) {
        return false;
    }
    // No events in a part of a bucket is not "no events in the bucket".
    const bool unknown = sum == 0 && (bucket.partial || history.is_partial(history.end()));
    if (!unknown) {
        last_label = bucket.label;
    }
    history.push(unknown ? History::absent : sum, [this](std::uint64_t lost) { lose(lost); });
    last = now;
    carried = now;
    return true;
}

void RateState::close(std::uint64_t ended, std::uint64_t now) {
    const std::uint64_t first = history.end();
    const std::uint64_t skipped = taken(first, ended);
    // A suspended counter has a value only for the bucket in which it was suspended.
    const std::uint64_t writable = ended - skipped;
    const std::uint64_t filled = !suspended ? writable : skipped == 0 && history.is_partial(first) ? 1 : 0;
    const auto sum = static_cast<std::int64_t>(now - last);
    const std::uint64_t over = make_room(ended);
    if (filled == 0 || now - last == History::absent) {
        carry(now);
        for (std::uint64_t i = over; i < ended; ++i) {
            push(History::absent);
        }
        return;
    }
    if (skipped > 0) {
        carry(now);
    }
    if (filled > 1) {
        stats.smeared += filled;
    }
    if (over > skipped) {
        const std::uint64_t lost = std::min(over - skipped, filled);
        stats.buckets_lost += lost;
        stats.counts_lost += first_shares(sum, lost, filled);
    }
    for (std::uint64_t i = over; i < ended; ++i) {
        if (i < skipped || i >= skipped + filled) {
            push(History::absent);
            continue;
        }
        const std::uint64_t share = i - skipped;
        const std::int64_t count = first_shares(sum, share + 1, filled) - first_shares(sum, share, filled);
        // No events in a part of a bucket is not "no events in the bucket".
        const bool unknown = count == 0 && bucket_state(history.end()) == BucketState::partial;
        push(unknown ? History::absent : static_cast<std::uint64_t>(count));
    }
    last = now;
    carried = now;
}

std::optional<std::uint64_t> RateState::cut() {
    const std::uint64_t now = total();
    const std::uint64_t sum = now - last;
    const WallTime open = group->timeline.open();
    if (sum == 0 || sum == History::absent || open <= floor || (suspended && !history.is_partial(history.end()))) {
        return std::nullopt;
    }
    last = now;
    carried = now;
    floor = open;
    last_label = open;
    return sum;
}

void RateState::rebase() {
    const std::uint64_t now = total();
    stats.counts_cleared += static_cast<std::int64_t>(now - last);
    last = now;
    carried = now;
}

std::optional<double> StockState::take_reading() {
    const std::optional<double> reading = cell.harvest();
    if (reading && !std::isfinite(*reading)) {
        refused.fetch_add(1, std::memory_order_relaxed); // the sum behind a mean overflowed
        return std::nullopt;
    }
    return reading;
}

void StockState::lose(std::uint64_t /*bits*/) { ++stats.buckets_lost; }

void StockState::close(std::uint64_t ended) {
    const Timeline& timeline = group->timeline;
    const std::uint64_t first = history.end();
    const std::uint64_t skipped = taken(first, ended);
    const bool unread = suspended && (skipped > 0 || !history.is_partial(first));
    std::optional<double> reading;
    if (skipped == ended || unread) {
        if (cell.peek() && !std::exchange(carries, true)) {
            ++stats.carried;
        }
    } else {
        reading = take_reading();
        carries = false;
        if (reading) {
            held = *reading;
            held_at = timeline.label(first + skipped);
        }
    }
    const std::uint64_t over = make_room(ended);
    if (reading && over > skipped) {
        ++stats.buckets_lost;
    }
    for (std::uint64_t i = over; i < ended; ++i) {
        std::uint64_t bits = History::absent;
        if (i == skipped && reading) {
            bits = bits_of(*reading);
        } else if (i >= skipped && !suspended && may_repeat(timeline.label(first + i))) {
            bits = bits_of(held);
        }
        push(bits);
    }
}

std::optional<std::uint64_t> StockState::cut() {
    const WallTime open = group->timeline.open();
    if (open <= floor || (suspended && !history.is_partial(history.end()))) {
        return std::nullopt;
    }
    const std::optional<double> reading = take_reading();
    if (!reading) {
        return std::nullopt;
    }
    held = *reading;
    held_at = open;
    floor = open;
    last_label = open;
    return bits_of(*reading);
}

void StockState::rebase() {
    static_cast<void>(cell.harvest());
    carries = false;
    held_at.reset();
}

bool StockState::may_repeat(WallTime label) const {
    return hold_at_most > hold_at_most.zero() && held_at && label - *held_at <= hold_at_most;
}

void StockState::repeat_held(std::uint64_t from) {
    for (std::uint64_t sequence = from; sequence != history.end(); ++sequence) {
        if (may_repeat(group->timeline.label(sequence)) && history[sequence] != History::absent) {
            history[sequence] = bits_of(held);
        }
    }
}

bool StockState::amend(WallTime label, double reading) {
    if (label < group->amend_from) {
        cell.fold(reading);
        return true;
    }
    if (label <= floor) {
        return false;
    }
    const Timeline& timeline = group->timeline;
    for (std::uint64_t sequence = history.end(); sequence > history.cursor(); --sequence) {
        const WallTime start = timeline.label(sequence - 1);
        if (start < label) {
            return false;
        }
        if (start > label) {
            continue;
        }
        std::uint64_t& bits = history[sequence - 1];
        const bool repeated = hold_at_most > hold_at_most.zero() && (!held_at || *held_at < label);
        if (bits != History::absent && !repeated && cell.fold_kind() != Fold::last) {
            const auto there = std::bit_cast<double>(bits);
            switch (cell.fold_kind()) {
            case Fold::max: reading = std::max(there, reading); break;
            case Fold::min: reading = std::min(there, reading); break;
            case Fold::mean: return false; // how many readings are in it is not known any more
            case Fold::last: break;
            }
        }
        bits = bits_of(reading);
        last_label = std::max(last_label, label);
        if (!held_at || *held_at <= label) {
            held = reading;
            held_at = label;
            repeat_held(sequence);
        }
        return true;
    }
    return false;
}

void CounterState::collect(std::size_t most, point::PointBuffer& out, std::vector<std::uint64_t>* sequences) {
    const Timeline& timeline = group->timeline;
    std::uint64_t next = history.cursor();
    while (next != history.end() && most > 0) {
        if (history[next] == History::absent) {
            ++next;
            continue;
        }
        // As many as have values, labels in a row and stand in a row.
        const auto [label, end] = timeline.stretch(next);
        const auto row = history.row(next, std::min({end, history.end(), next + most}));
        const auto count = static_cast<std::size_t>(std::find(row.begin(), row.end(), History::absent) - row.begin());
        const auto append = [&, first = label, step = timeline.granularity()](auto value_of) {
            out.append_run(series, count, [&](std::size_t i) {
                return std::pair{first + static_cast<std::int64_t>(i) * step, value_of(row[i])};
            });
        };
        holds_readings ? append([](std::uint64_t bits) { return reading(bits); })
                       : append([](std::uint64_t bits) { return sum(bits); });
        for (std::size_t i = 0; sequences != nullptr && i < count; ++i) {
            sequences->push_back(next + i);
        }
        next += count;
        most -= count;
    }
    history.set_cursor(next);
}

void CounterState::collect_cut(point::PointBuffer& out) {
    if (const std::optional<std::uint64_t> bits = cut()) {
        out.push_back(series, group->timeline.open(), value_of(*bits));
    }
}

void CounterState::give_back(const point::PointBuffer& batch, const std::vector<std::uint64_t>& sequences,
                             std::size_t from, std::uint64_t behind) {
    const bool can = history.cursor() == behind;
    for (; from < sequences.size() && (!can || sequences[from] < history.begin()); ++from) {
        lose(static_cast<std::uint64_t>(batch[from].value().integer())); // a stock does not look at it
    }
    if (from < sequences.size()) {
        history.set_cursor(sequences[from]);
    }
}

} // namespace tickertape::counter
