// SPDX-License-Identifier: MIT
#include "counter/dumper.hpp"
#include "base/concat.hpp"
#include "base/forks.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <string>
#include <utility>

#include "base/diagnostics.hpp"
#include "counter/pulse.hpp"
#include "counter/registry.hpp"
#include "counter/round.hpp"

namespace tickertape::counter {

namespace {

constexpr std::size_t batch_size = 4096; // points; a dump of many counters is not built in memory at once
constexpr std::size_t most_adopted = 100'000;
constexpr std::chrono::milliseconds retry_after{250};

} // namespace

Dumper::Dumper(AnyTransmitter transmitter, Clock& clock)
    : clock_{clock}, writer_{transmitter.traits().writer}, adopted_{most_adopted}, transmitter_{std::move(transmitter)},
      handed_{most_handed} {}

bool Dumper::is_usable() const noexcept {
    static std::atomic_flag said = ATOMIC_FLAG_INIT;
    return forks_.is_usable(said, "an autodump; it writes nothing here");
}

void Dumper::claim(CounterState& state) {
    state.dumper = this;
    state.place_in_dumper = static_cast<std::uint32_t>(counters_.size());
    counters_.push_back(&state);
    if (!due_.contains(state.timespan)) {
        const Clock::Reading now = clock_.read();
        due_[state.timespan] = now.steady + (bucket_start(now.wall, state.timespan) + state.timespan - now.wall);
    }
}

void Dumper::claim_all_living() {
    takes_all_ = true;
    Registry& registry = Registry::instance();
    registry.set_default_dumper(this);
    for (CounterState* const state : registry.living()) {
        if (state->dumper == nullptr && &state->group->pulse.clock() == &clock_) {
            claim(*state);
        }
    }
}

void Dumper::forget(CounterState& state) {
    // The other counters keep their places, because a dump may be going through them.
    state.dumper = nullptr;
    counters_[state.place_in_dumper] = nullptr;
    ++vacant_;
}

void Dumper::close_ranks() {
    if (vacant_ <= 64 || vacant_ <= counters_.size() / 2) {
        return;
    }
    std::erase(counters_, nullptr);
    vacant_ = 0;
    for (std::uint32_t i = 0; i < counters_.size(); ++i) {
        counters_[i]->place_in_dumper = i;
    }
}

void Dumper::adopt(const point::PointBuffer& points, SteadyTime bucket_end) {
    end_of_retired_ = std::max(end_of_retired_, bucket_end);
    for (const Point& point : std::span<const Point>{points}) {
        unsent_of_retired_ += adopted_.offer(point) ? 0 : 1;
    }
}

void Dumper::hand_over(std::span<Point> points) {
    if (points.empty() || !is_usable()) {
        return;
    }
    bool full = false;
    {
        const std::lock_guard lock{mutex_};
        if (report_.closed) {
            lost_ += points.size();
            return;
        }
        for (Point& point : points) {
            full |= !handed_.push(std::move(point));
        }
        handed_due_ = clock_.read().steady;
    }
    if (full) {
        // Message: output: it does not take the readings: NUMBER wait, and the oldest are dropped
        // Cause: The reader of the output is slower than the collector for a long time.
        // Remedy: Check the program that reads. tickertape.readings.lost counts the readings.
        base::report(
            base::concat("output: it does not take the readings: ", most_handed, " wait, and the oldest are dropped"));
    }
    if (Round* const round = Round::current()) {
        round->add(shared_from_this());
    } else {
        clock_.rearm(*this);
    }
}

std::uint64_t Dumper::lost() const {
    if (is_forked()) {
        return 0;
    }
    const std::lock_guard lock{mutex_};
    return lost_ + handed_.dropped();
}

SteadyTime Dumper::due() const {
    if (is_forked()) {
        return clock::never;
    }
    SteadyTime due = clock::never;
    {
        const std::lock_guard lock{Registry::instance().mutex};
        for (const auto& [timespan, when] : due_) {
            due = std::min(due, when);
        }
    }
    const std::lock_guard lock{mutex_};
    return finishing_ || report_.closed ? clock::never : std::min({due, retry_, handed_due_});
}

void Dumper::ring(const Clock::Reading& now) {
    std::vector<std::chrono::nanoseconds> timespans;
    {
        const std::lock_guard lock{Registry::instance().mutex};
        timespans = std::exchange(timespans_, {});
        timespans.clear();
        for (auto& [timespan, when] : due_) {
            if (when <= now.steady) {
                timespans.push_back(timespan);
                when = now.steady + (bucket_start(now.wall, timespan) + timespan - now.wall);
            }
        }
    }
    {
        const std::lock_guard lock{mutex_};
        handed_due_ = clock::never;
        if (finishing_ || turn_taken_) {
            return; // the latter if publishing itself moves a manual clock: the next dump publishes these buckets
        }
        turn_taken_ = true;
    }
    // After a failure all complete buckets are published as soon as possible.
    const bool all = publish(now, behind_ ? nullptr : &timespans);
    behind_ = !all;
    {
        const std::lock_guard lock{Registry::instance().mutex};
        timespans_ = std::move(timespans);
    }
    const std::lock_guard lock{mutex_};
    retry_ = all ? clock::never : now.steady + retry_after;
    turn_taken_ = false;
    turn_changed_.notify_all();
}

bool Dumper::publish(const Clock::Reading& now, const std::vector<std::chrono::nanoseconds>* timespans,
                     std::optional<WallTime> cut) {
    {
        const std::lock_guard lock{Registry::instance().mutex};
        pulse_of(clock_)->tick(now, true);
    }
    std::size_t next = 0;
    while (true) {
        if (!batch_.empty() && !send_batch()) {
            return false;
        }
        gather(timespans, cut, next);
        if (batch_.empty()) {
            return true;
        }
    }
}

void Dumper::gather(const std::vector<std::chrono::nanoseconds>* timespans, std::optional<WallTime> cut,
                    std::size_t& next) {
    {
        const std::lock_guard lock{mutex_};
        handed_.move_to(batch_, batch_size);
    }
    const std::lock_guard lock{Registry::instance().mutex};
    pulse_of(clock_)->settle(); // it may have ticked since the last batch
    if (next == 0) {
        close_ranks(); // not later, because `next` counts places
    }
    // The points of counters that are gone come first: a living one may have taken over the series.
    adopted_.move_to(batch_, batch_size);
    for (; next < counters_.size() && batch_.size() < batch_size; ++next) {
        fetch_ahead(
            counters_, next,
            [](const CounterState& far) {
                __builtin_prefetch(&far.series);
                far.history.fetch();
            },
            [](const CounterState& near) {
                near.history.fetch_waiting();
                point::PointBuffer::fetch(near.series);
            });
        CounterState* const state = counters_[next];
        if (state == nullptr || (timespans != nullptr && std::find(timespans->begin(), timespans->end(),
                                                                   state->timespan) == timespans->end())) {
            continue;
        }
        state->collect(batch_size - batch_.size(), batch_, nullptr);
        if (state->history.cursor() != state->history.end()) {
            break; // the batch is full
        }
        if (cut && state->group->timeline.open() <= *cut) {
            state->collect_cut(batch_);
        }
    }
}

bool Dumper::send_batch() {
    Outcome outcome;
    try {
        outcome = transmitter_.publish(batch_);
    } catch (const std::exception& error) {
        base::report(error.what());
    } catch (...) {
        // Message: transmitter: unknown exception: its points are published again
        // Cause: A transmitter of the application threw something that is no std::exception.
        // Remedy: Correct the transmitter.
        base::report("transmitter: unknown exception: its points are published again");
    }
    for (const Outcome::Rejection& rejection : outcome.rejected) {
        // Message: series 'SERIES': REASON: points are dropped
        // Cause: The output or the server refuses the points for this reason.
        // Remedy: Correct the series or its tags; tickertape lint explains the rules of servers.
        base::report(base::concat("series '", batch_[rejection.index].series().text(),
                                  "': ", describe(rejection.reason), ": points are dropped"));
    }
    batch_.pop_front(outcome.retry_from);
    const std::lock_guard lock{mutex_};
    report_.accepted += outcome.accepted();
    report_.rejected += outcome.rejected.size();
    if (outcome.closed) {
        report_.closed = true;
        report_.unsent += batch_.size();
        batch_.clear();
        return false;
    }
    if (!batch_.empty()) {
        ++report_.failures;
        return false;
    }
    return true;
}

autodump::Report Dumper::report() const {
    const std::lock_guard lock{mutex_};
    return report_;
}

} // namespace tickertape::counter
