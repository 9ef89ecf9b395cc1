// SPDX-License-Identifier: MIT
#include "counter/registry.hpp"
#include "base/forks.hpp"

#include <pthread.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "base/diagnostics.hpp"
#include "counter/cells.hpp"
#include "counter/distribution_state.hpp"
#include "counter/dumper.hpp"
#include "point/series_table.hpp"

namespace tickertape::counter {

using namespace std::chrono_literals;

constinit thread_local const Run* this_threads_run = nullptr;

namespace {

constinit std::atomic<std::uint64_t> orphans{0}; // increments of threads without cells on counters not constructed yet

constexpr std::int64_t most_buckets = 1'000'000; // in a timespan: 16 MB of ring

std::string milliseconds_text(std::chrono::nanoseconds time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) + " ms";
}

void check(const Series& series, const CounterOptions& options, Mode mode) {
    const auto refuse = [&series](const std::string& why) {
        throw UsageError{"counter '" + std::string{series.text()} + "': " + why};
    };
    if (options.granularity < std::chrono::milliseconds{1}) {
        refuse("the granularity " + milliseconds_text(options.granularity) + " is too fine; the finest is 1 ms");
    }
    if (options.timespan < options.granularity || options.timespan % options.granularity != options.timespan.zero()) {
        refuse("the timespan " + milliseconds_text(options.timespan) + " is no multiple of the granularity " +
               milliseconds_text(options.granularity));
    }
    if (options.timespan / options.granularity > most_buckets) {
        refuse("the timespan " + milliseconds_text(options.timespan) + " is more than " + std::to_string(most_buckets) +
               " buckets of " + milliseconds_text(options.granularity));
    }
    if (options.hold_at_most < options.hold_at_most.zero()) {
        refuse("hold_at_most is negative: " + milliseconds_text(options.hold_at_most));
    }
    const CounterOptions defaults;
    if (mode != Mode::distribution && (options.fields != defaults.fields || options.quantiles != defaults.quantiles ||
                                       !options.buckets.empty() || options.resolution != defaults.resolution)) {
        refuse("fields, quantiles, buckets and resolution are for distributions");
    }
    if (mode == Mode::distribution) {
        static_cast<void>(Scale{options.resolution});
        const auto is_wrong = [](double bound) { return !std::isfinite(bound); };
        if (std::any_of(options.buckets.begin(), options.buckets.end(), is_wrong) ||
            std::adjacent_find(options.buckets.begin(), options.buckets.end(), std::greater_equal{}) !=
                options.buckets.end()) {
            refuse("the ends of buckets are no finite numbers in rising order");
        }
    }
    if (mode != Mode::stock && (options.fold != Fold::last || options.hold_at_most > options.hold_at_most.zero())) {
        refuse("fold and hold_at_most are for stocks; a rate sums what it counts, a distribution keeps all");
    }
}

/// The right to be the one living counter of a text, given up again unless it is handed on.
struct Claim {
    explicit Claim(const Series& claimed) : series{claimed}, is_held{point::SeriesTable::instance().claim(claimed)} {}
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() {
        if (is_held) {
            point::SeriesTable::instance().disclaim(series);
        }
    }

    const Series& series;
    bool is_held;
};

/// So many that a dump that comes a whole timespan late, or two minutes' worth of fine buckets late, loses nothing.
std::uint64_t ring_capacity(const CounterOptions& options) {
    const auto buckets = static_cast<std::uint64_t>(options.timespan / options.granularity);
    return std::max<std::uint64_t>(2 * buckets, 120) + 2;
}

} // namespace

void add_to_spill(RateState* counter, std::uint64_t n) noexcept {
    (counter != nullptr ? counter->spill : orphans).fetch_add(n, std::memory_order_relaxed);
}

Registry& Registry::instance() {
    static Registry* const immortal = new Registry;
    return *immortal;
}

Registry::Registry() {
    // A fork takes locks in the reverse order of registration. Series are released under our mutex, so theirs comes first.
    point::SeriesTable::instance();
    pthread_atfork([] { instance().mutex.lock(); }, [] { instance().mutex.unlock(); },
                   [] {
                       instance().mutex.unlock();
                       base::make_this_fork_inert();
                   });
    const std::lock_guard lock{mutex};
    prepare_cells();
}

RateState& Registry::make_rate(Name metric, const CounterOptions& options) { return make<RateState>(metric, options); }

StockState& Registry::make_stock(Name metric, const CounterOptions& options) {
    return make<StockState>(metric, options);
}

DistributionState& Registry::make_distribution(Name metric, const CounterOptions& options) {
    return make<DistributionState>(metric, options);
}

template <class State>
State& Registry::make(Name metric, const CounterOptions& options) {
    const SeriesOptions series_options{.step = std::max(options.granularity, options.granularity.zero()),
                                       .reserve_host_tag = options.reserve_host_tag};
    const Series series{metric, options.tags, series_options};
    constexpr Mode mode = std::is_same_v<State, RateState>    ? Mode::rate
                          : std::is_same_v<State, StockState> ? Mode::stock
                                                              : Mode::distribution;
    check(series, options, mode);
    std::vector<DistributionOutput> outputs;
    if constexpr (mode == Mode::distribution) {
        outputs = outputs_of(metric, options, series_options);
    }
    Clock& clock = options.clock != nullptr ? *options.clock : Clock::system();
    const std::shared_ptr<Pulse> pulse = pulse_of(clock);
    State* made = nullptr;
    std::shared_ptr<Dumper> dumper;
    bool attach = false;
    bool rearm = false;
    {
        const std::lock_guard lock{mutex};
        Claim claim{series};
        std::deque<Claim> claims; // of what it is written as
        for (const DistributionOutput& output : outputs) {
            claims.emplace_back(output.series);
        }
        const auto refuse_unclaimed = [](const Claim& each) {
            if (!each.is_held) {
                throw UsageError{"there is a living counter '" + std::string{each.series.text()} +
                                 "' already; two would print the same series twice"};
            }
        };
        refuse_unclaimed(claim);
        std::for_each(claims.begin(), claims.end(), refuse_unclaimed);
        const ClockReading now = clock.read();
        pulse->tick(now, true);
        Group& group = pulse->group(options.granularity, now);
        const std::uint64_t capacity = ring_capacity(options);
        group.timeline.remember(capacity);
        auto state = std::make_unique<State>(series, group, options, capacity);
        const Timeline& timeline = group.timeline;
        if (now.wall > timeline.open()) {
            state->history.mark_partial(timeline.sequence());
            if (options.granularity > std::chrono::seconds{1}) {
                state->floor = timeline.open(); // a process before this one may have written it
            }
        }
        state->floor = std::max(state->floor, pulse->taken_by_the_gone(series.text(), now.wall));
        enter(*state);
        if constexpr (mode == Mode::distribution) {
            state->outputs = std::move(outputs);
        }
        made = state.release();
        claim.is_held = false; // from here on it is the counter's, until it retires
        for (Claim& each : claims) {
            each.is_held = false;
        }
        made->older = newest_;
        (newest_ != nullptr ? newest_->newer : oldest_) = made;
        newest_ = made;
        ++living_;
        ++group.counters;
        if (default_dumper_ != nullptr && &default_dumper_->clock() == &clock) {
            default_dumper_->claim(*made);
            dumper = default_dumper_->weak_from_this().lock();
        }
        attach = !std::exchange(pulse->attached, true);
        if (attach) {
            keep_spare_blocks();
        }
        rearm = group.counters == 1;
    }
    if (base::reports_inert_fork()) {
        return *made;
    }
    if (attach) {
        clock.attach(pulse);
    } else if (rearm) {
        clock.rearm(*pulse);
    }
    if (dumper) {
        clock.rearm(*dumper);
    }
    return *made;
}

void Registry::enter(RateState& state) {
    auto& chunks = state.group->chunks;
    // As a rule it is the newest one that has room.
    auto chunk = std::find_if(chunks.rbegin(), chunks.rend(), [](const auto& c) { return c->used < Chunk::size; });
    if (chunk == chunks.rend()) {
        std::uint32_t first = next_id_;
        if (!free_chunks_.empty()) {
            first = free_chunks_.back();
            free_chunks_.pop_back();
        } else if (next_id_ + Chunk::size > first_distribution_id) {
            throw UsageError{"too many rate counters are alive at once; a process holds about a million"};
        } else {
            next_id_ += Chunk::size;
            by_id_.resize(next_id_);
        }
        chunks.push_back(std::make_unique<Chunk>());
        chunks.back()->first_id = first;
        chunk = chunks.rbegin();
    }
    Chunk& home = **chunk;
    std::uint32_t slot = home.high;
    if (slot < Chunk::size) {
        ++home.high;
    } else {
        slot =
            static_cast<std::uint32_t>(std::find(home.slots.begin(), home.slots.end(), nullptr) - home.slots.begin());
    }
    home.slots[slot] = &state;
    ++home.used;
    state.id = home.first_id + slot;
    by_id_[state.id] = &state;
    state.last = state.total(); // the cells keep what an earlier counter of this id left in them
    state.carried = state.last;
}

void Registry::enter(StockState& state) {
    state.place = static_cast<std::uint32_t>(state.group->stocks.size());
    state.group->stocks.push_back(&state);
}

void Registry::enter(DistributionState& state) {
    std::uint32_t place = 0;
    if (free_distributions_.empty()) {
        if (distributions_.size() == max_distributions) {
            throw UsageError{"too many distributions are alive at once; a process holds " +
                             std::to_string(max_distributions)};
        }
        place = static_cast<std::uint32_t>(distributions_.size());
        distributions_.push_back(nullptr);
        free_distributions_.push_back(place);
    }
    place = free_distributions_.back();
    state.id = first_distribution_id + place;
    state.totals.emplace(state.id, state.scale);
    state.place = static_cast<std::uint32_t>(state.group->distributions.size());
    state.group->distributions.push_back(&state);
    distributions_[place] = &state;
    free_distributions_.pop_back();
}

namespace {

/// Its last one takes its place.
template <class State>
void remove_from(std::vector<State*>& all, const CounterState& state) {
    all.back()->place = state.place;
    std::swap(all[state.place], all.back());
    all.pop_back();
}

} // namespace

void Registry::leave(CounterState& state) {
    Group& group = *state.group;
    switch (state.mode()) {
    case Mode::rate: {
        auto* const rate = static_cast<RateState*>(&state);
        by_id_[rate->id] = nullptr;
        const auto chunk = std::find_if(group.chunks.begin(), group.chunks.end(), [rate](const auto& c) {
            return rate->id >= c->first_id && rate->id < c->first_id + Chunk::size;
        });
        (*chunk)->slots[rate->id - (*chunk)->first_id] = nullptr;
        if (--(*chunk)->used == 0) {
            free_chunks_.push_back((*chunk)->first_id);
            group.chunks.erase(chunk);
        }
        break;
    }
    case Mode::stock: remove_from(group.stocks, state); break;
    case Mode::distribution: {
        const std::uint32_t place = static_cast<DistributionState&>(state).id - first_distribution_id;
        distributions_[place] = nullptr;
        free_distributions_.push_back(place);
        remove_from(group.distributions, state);
        break;
    }
    }
    if (--group.counters == 0) {
        group.pulse.drop(group);
    }
}

void Registry::retire(CounterState& state) {
    const std::lock_guard lock{mutex};
    Pulse& pulse = state.group->pulse;
    const ClockReading now = pulse.clock().read();
    pulse.tick(now, true);
    if (Dumper* const dumper = state.dumper; dumper != nullptr && !base::is_inert_fork()) {
        point::PointBuffer points;
        do { // of a distribution a bucket is several points
            state.collect(state.history.capacity(), points, nullptr);
        } while (state.history.cursor() != state.history.end());
        const std::size_t complete = points.size();
        state.collect_cut(points);
        const Timeline& timeline = state.group->timeline;
        const bool fine = timeline.granularity() <= std::chrono::seconds{1};
        const bool was_cut = points.size() > complete;
        dumper->forget(state);
        dumper->adopt(points, fine && was_cut ? timeline.due() : SteadyTime::min());
    }
    if (!state.holds_readings) {
        counts_undumped_ += state.running_count();
        for (std::uint64_t i = state.history.cursor(); i != state.history.end(); ++i) {
            if (const std::uint64_t bits = state.history[i]; bits != History::absent) {
                counts_undumped_ += static_cast<std::int64_t>(bits);
            }
        }
    }
    pulse.note_gone(state, now.wall);
    leave(state);
    (state.older != nullptr ? state.older->newer : oldest_) = state.newer;
    (state.newer != nullptr ? state.newer->older : newest_) = state.older;
    --living_;
    point::SeriesTable::instance().disclaim(state.series);
    delete &state;
}

std::vector<CounterState*> Registry::living() const {
    std::vector<CounterState*> living;
    living.reserve(living_);
    for (CounterState* state = oldest_; state != nullptr; state = state->newer) {
        living.push_back(state);
    }
    return living;
}

void Registry::fold_idle_blocks() {
    const auto distributions = static_cast<std::uint32_t>(distributions_.size());
    counter::fold_idle_blocks(next_id_, distributions, [this](std::uint32_t id, std::uint64_t total) {
        if (id >= first_distribution_id) {
            if (DistributionState* const state = distributions_[id - first_distribution_id]) {
                state->totals->fold(total);
            }
        } else if (id < by_id_.size() && by_id_[id] != nullptr) {
            by_id_[id]->base += total;
        } else if (id == 0) {
            folded_orphans_ += total;
        }
    });
}

ProcessStats Registry::stats() const noexcept {
    std::uint64_t in_cells = 0;
    sum_cells(0, {&in_cells, 1});
    return {.living_counters = living_,
            .orphaned_increments = folded_orphans_ + in_cells + orphans.load(std::memory_order_relaxed),
            .counts_undumped = counts_undumped_};
}

} // namespace tickertape::counter
