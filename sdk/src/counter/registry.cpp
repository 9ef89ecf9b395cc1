// SPDX-License-Identifier: MIT
#include "counter/registry.hpp"

#include <pthread.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "base/forks.hpp"
#include "counter/cells.hpp"
#include "counter/check_options.hpp"
#include "counter/distribution_state.hpp"
#include "counter/dumper.hpp"
#include "counter/pulse.hpp"
#include "counter/rate_state.hpp"
#include "counter/stock_state.hpp"
#include "point/series_table.hpp"

namespace tickertape::counter {

namespace {

/// The right to be the only living counter of a text. It is released at the end of the scope, unless a counter takes it over.
class Claim {
public:
    /// Throws UsageError if the text is taken.
    explicit Claim(Series series) : series_{std::move(series)}, held_{point::SeriesTable::instance().claim(series_)} {
        if (!held_) {
            throw UsageError{"there is a living counter '" + std::string{series_.text()} +
                             "' already; two would print the same series twice"};
        }
    }
    Claim(Claim&& other) noexcept : series_{std::move(other.series_)}, held_{std::exchange(other.held_, false)} {}
    Claim& operator=(Claim&&) = delete;
    ~Claim() {
        if (held_) {
            point::SeriesTable::instance().disclaim(series_);
        }
    }
    [[nodiscard]] const Series& series() const noexcept { return series_; }
    /// Call it when a counter has taken it over.
    void hand_over() noexcept { held_ = false; }

private:
    Series series_;
    bool held_;
};

template <class State>
constexpr Mode mode_of = Mode::distribution;
template <>
constexpr Mode mode_of<RateState> = Mode::rate;
template <>
constexpr Mode mode_of<StockState> = Mode::stock;

} // namespace

Registry& Registry::instance() {
    static Registry* const immortal = new Registry;
    return *immortal;
}

Registry::Registry() {
    // A fork takes locks in the reverse order of registration. Series are released under our mutex, so theirs comes first.
    point::SeriesTable::instance();
    base::set_waker([] { instance().wake(); });
    pthread_atfork([] { instance().mutex.lock(); }, [] { instance().mutex.unlock(); },
                   [] {
                       instance().mutex.unlock();
                       base::make_this_fork_inert();
                       forget_waiting_threads();
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
    Series series{metric, options.tags, series_options};
    check_options(series, options, mode_of<State>);
    std::vector<DistributionOutput> outputs;
    if constexpr (mode_of<State> == Mode::distribution) {
        outputs = outputs_of(metric, options, series_options);
    }
    base::wake_fork();
    Clock& clock = options.clock != nullptr ? *options.clock : Clock::system();
    const std::shared_ptr<Pulse> pulse = pulse_of(clock);
    State* made = nullptr;
    std::shared_ptr<Dumper> dumper;
    bool attach = false;
    bool rearm = false;
    {
        const std::lock_guard lock{mutex};
        Claim claim{std::move(series)};
        std::vector<Claim> claims; // the series that it writes
        for (const DistributionOutput& output : outputs) {
            claims.emplace_back(output.series);
        }
        const Clock::Reading now = pulse->tick_before_birth(options.granularity);
        Group& group = pulse->group(options.granularity, now);
        const RingSize ring = ring_size(options);
        group.timeline.remember(ring.most);
        auto state = std::make_unique<State>(claim.series(), group, options, ring);
        claim.hand_over();
        const Timeline& timeline = group.timeline;
        if (now.wall > timeline.open()) {
            state->history.mark_partial(timeline.sequence());
            if (options.granularity > std::chrono::seconds{1}) {
                state->floor = timeline.open(); // a process before this one may have written it
            }
        }
        state->floor = std::max(state->floor, pulse->taken_by_retired(state->series.text(), now.wall));
        if constexpr (mode_of<State> == Mode::distribution) {
            std::for_each(claims.begin(), claims.end(), [](Claim& each) { each.hand_over(); });
            state->outputs = std::move(outputs);
        }
        state->enter();
        made = state.release();
        made->older = newest_;
        (newest_ != nullptr ? newest_->newer : oldest_) = made;
        newest_ = made;
        ++living_;
        ++group.counters;
        if (default_dumper_ != nullptr && &default_dumper_->clock() == &clock) {
            default_dumper_->claim(*made);
            dumper = default_dumper_->weak_from_this().lock();
        }
        attach = pulse->take_attaching();
        if (attach) {
            keep_spare_blocks();
        }
        rearm = group.counters == 1;
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

void Registry::wake() {
    std::vector<std::shared_ptr<Pulse>> pulses; // to attach without our mutex, because an alarm takes it
    {
        const std::lock_guard lock{mutex};
        if (!base::is_inert_fork()) {
            return; // another thread was faster
        }
        default_dumper_ = nullptr;
        counts_undumped_ = 0;
        for (CounterState* state = oldest_; state != nullptr; state = state->newer) {
            Pulse& pulse = state->group->pulse;
            const bool is_first_of_pulse = pulse.take_attaching();
            if (is_first_of_pulse) {
                pulse.tick(pulse.clock().read(), true);
                pulse.forget_stats();
                pulses.push_back(pulse_of(pulse.clock()));
            }
            state->dumper = nullptr;
            state->begin_anew();
        }
        keep_spare_blocks();
        base::end_inertness();
    }
    for (const std::shared_ptr<Pulse>& pulse : pulses) {
        pulse->clock().attach(pulse);
    }
}

void Registry::retire(CounterState& state) {
    const std::lock_guard lock{mutex};
    Pulse& pulse = state.group->pulse;
    const Clock::Reading now = pulse.clock().read();
    pulse.tick(now, true);
    if (Dumper* const dumper = state.dumper; dumper != nullptr && !base::is_inert_fork()) {
        point::PointBuffer points;
        do { // a bucket of a distribution is several points
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
    counts_undumped_ += state.running_count() + state.waiting_count();
    pulse.note_retired(state, now.wall);
    state.leave();
    if (--state.group->counters == 0) {
        pulse.drop(*state.group);
    }
    (state.older != nullptr ? state.older->newer : oldest_) = state.newer;
    (state.newer != nullptr ? state.newer->older : newest_) = state.older;
    --living_;
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
    const RateIds& rates = RateIds::instance();
    const DistributionIds& distributions = DistributionIds::instance();
    const auto take = [&](std::uint32_t id, std::uint64_t total) {
        if (id == 0) {
            folded_orphans_ += total;
        } else if (RateState* const rate = rates.find(id)) {
            add_to_spill(rate, total);
        } else if (DistributionState* const distribution = distributions.find(id)) {
            distribution->totals->fold(total);
        }
    };
    // By reference: a std::function of its own would allocate at each tick.
    counter::fold_idle_blocks(rates.end(), distributions.size(), std::cref(take));
}

CounterBase::ProcessStats Registry::stats() const noexcept {
    std::uint64_t in_cells = 0;
    sum_cells(0, {&in_cells, 1});
    return {.living_counters = living_,
            .orphaned_increments = folded_orphans_ + in_cells + spilled_orphans(),
            .counts_undumped = counts_undumped_};
}

} // namespace tickertape::counter
