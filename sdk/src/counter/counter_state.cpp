// SPDX-License-Identifier: MIT
// The common part of ticks and dumps of counters of all modes.
#include "counter/counter_state.hpp"

#include <algorithm>
#include <utility>

#include "counter/group.hpp"
#include "point/series_table.hpp"

namespace tickertape::counter {

CounterState::CounterState(Series claimed, Group& member, const CounterOptions& options, RingSize ring)
    : timespan{options.timespan}, series{std::move(claimed)}, group{&member}, history{ring, member.timeline.sequence()},
      floor{member.timeline.open() - member.timeline.granularity()} {}

CounterState::~CounterState() { point::SeriesTable::instance().disclaim(series); }

std::int64_t CounterState::waiting_count() const {
    std::int64_t count = 0;
    for (std::uint64_t i = history.cursor(); !holds_readings && i != history.end(); ++i) {
        count += history[i] == History::absent ? 0 : static_cast<std::int64_t>(history[i]);
    }
    return count;
}

void CounterState::start_anew() {
    floor = std::min(floor, group->timeline.open() - group->timeline.granularity());
    last_timestamp = WallTime::min();
}

void CounterState::begin_anew() {
    rebase();
    history.clear();
    history.mark_partial(history.end());
    if (group->timeline.granularity() > std::chrono::seconds{1}) {
        floor = std::max(floor, group->timeline.open()); // the parent may have written it
    }
    stats = {};
}

void CounterState::push(std::uint64_t bits) {
    if (bits != History::absent) {
        last_timestamp = group->timeline.timestamp(history.end());
    }
    history.push(bits, [this](std::uint64_t lost) { lose(lost); });
}

std::uint64_t CounterState::taken(std::uint64_t first, std::uint64_t ended) const {
    std::uint64_t count = 0;
    while (count < ended && group->timeline.timestamp(first + count) <= floor) {
        ++count;
    }
    return count;
}

std::uint64_t CounterState::make_room(std::uint64_t ended) {
    history.reserve(history.waiting() + ended);
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

void CounterState::collect(std::size_t most, point::PointBuffer& out, std::vector<std::uint64_t>* sequences) {
    const Timeline& timeline = group->timeline;
    std::uint64_t next = history.cursor();
    while (next != history.end() && most > 0) {
        if (history[next] == History::absent) {
            ++next;
            continue;
        }
        // Takes as many buckets as have values, have timestamps without a gap, and are adjacent in memory.
        const auto [timestamp, end] = timeline.stretch(next);
        const auto row = history.row(next, std::min({end, history.end(), next + most}));
        const auto count = static_cast<std::size_t>(std::find(row.begin(), row.end(), History::absent) - row.begin());
        const auto append = [&, first = timestamp, step = timeline.granularity()](auto value_of) {
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
        lose(static_cast<std::uint64_t>(batch[from].value().integer())); // a stock ignores the argument
    }
    if (from < sequences.size()) {
        history.set_cursor(sequences[from]);
    }
}

} // namespace tickertape::counter
