// SPDX-License-Identifier: MIT
#include <tickertape/dedup.hpp>

#include <algorithm>
#include <deque>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tickertape/point_buffer.hpp>
#include <tickertape/series.hpp>

namespace tickertape {

namespace {

DedupOptions checked(DedupOptions options) {
    if (options.interval < std::chrono::seconds::zero()) {
        throw UsageError{"the interval of Dedup is " + std::to_string(options.interval.count()) +
                         " s; it is 0 (everything passes) or positive"};
    }
    if (options.max_series == 0) {
        throw UsageError{"the max_series of Dedup is 0; it is at least 1"};
    }
    if (options.max_series >= std::numeric_limits<std::uint32_t>::max()) {
        throw UsageError{"the max_series of Dedup is " + std::to_string(options.max_series) +
                         "; it is at most 4294967294"};
    }
    return options;
}

// The time that a receiver of lines sees, and by which it measures the same interval.
WallTime printed(WallTime time, bool in_seconds) {
    return in_seconds ? WallTime{std::chrono::floor<std::chrono::seconds>(time)} : time;
}

} // namespace

struct Dedup::State {
    State(AnyTransmitter transmitter, DedupOptions wanted)
        : inner_{std::move(transmitter)}, options_{checked(wanted)} {}

    Outcome publish(std::span<const Point> points);
    bool flush(SteadyTime deadline);
    [[nodiscard]] Stats stats() const noexcept;

    static constexpr std::uint32_t no_run = static_cast<std::uint32_t>(-1);

    // A series' run of equal values. A held point is always the latest, of this time and value. One cache line.
    struct alignas(64) Run {
        Series series;
        Value value;
        WallTime time;                 // of the latest point
        WallTime start;                // of the interval: the time of the last sent point that had not been held
        std::chrono::nanoseconds step; // of the series
        std::uint32_t older = no_run;  // the run that was seen before this one, and the one seen after it
        std::uint32_t newer = no_run;
        bool held = false;
        bool in_seconds = true; // the precision of the series
    };

    static constexpr std::size_t no_index = static_cast<std::size_t>(-1);
    static constexpr std::size_t batch_points = 1024;
    static constexpr std::size_t most_pending = batch_points + 2; // the last point taken can send another two

    // The points that `publish` was given. Unchanged points in a row are passed on without a copy.
    struct Batch {
        std::span<const Point> points = {};
        std::size_t next = 0; // the first one that has not been taken
        std::size_t passed_from = 0;
        std::size_t passed_to = 0; // without any, both are `next` or there are points in `pending_`
    };

    void take_some(Batch& batch);
    bool pass_changing(Run& run, Batch& batch) const;
    [[nodiscard]] Run* run_of(const Series& series);
    void begin_run(Batch& batch);
    void continue_run(Run& run, Batch& batch);
    void set_newest(std::uint32_t number);
    void unlink(const Run& run);
    [[nodiscard]] bool may_pass_next(const Batch& batch) const;
    void send_next(Batch& batch);
    static void pass_over_next(Batch& batch);
    void send_held(Run& run, Batch& batch);
    void copy_passed(Batch& batch);
    [[nodiscard]] bool deliver(Batch& batch, Outcome& outcome);

    AnyTransmitter inner_;
    DedupOptions options_;
    std::deque<Run> runs_;
    std::uint32_t newest_ = no_run; // of the list that `older` and `newer` make
    std::uint32_t oldest_ = no_run;
    std::uint32_t expected_ = no_run; // last time the series seen after the newest was this one
    std::unordered_map<Series, std::uint32_t> number_of_;
    point::PointBuffer pending_;
    std::vector<std::size_t> pending_index_; // of each in the span being published, or no_index
    Stats stats_;
};

Outcome Dedup::State::publish(std::span<const Point> points) {
    Outcome outcome;
    Batch batch{.points = points};
    std::fill(pending_index_.begin(), pending_index_.end(), no_index);
    if (!deliver(batch, outcome)) { // an exception leaves from here: nothing of `points` is taken
        return outcome;
    }
    if (options_.interval == std::chrono::seconds::zero()) {
        outcome = inner_.publish(points);
        stats_.passed += outcome.accepted();
        return outcome;
    }
    pending_.reserve(most_pending); // so that no accepted point is lost for lack of memory
    pending_index_.reserve(most_pending);
    while (batch.next < points.size()) {
        take_some(batch);
        try {
            if (!deliver(batch, outcome)) {
                break;
            }
        } catch (...) {
            // The points taken are in `pending_`: the caller must not publish them again. Should the inner transmitter
            // still be in trouble, the next call throws.
            break;
        }
    }
    outcome.retry_from = batch.next;
    return outcome;
}

bool Dedup::State::flush(SteadyTime deadline) {
    Outcome ignored;
    Batch none;
    std::fill(pending_index_.begin(), pending_index_.end(), no_index);
    if (!deliver(none, ignored)) {
        return false;
    }
    std::vector<Run*> held;
    held.reserve(stats_.held);
    for (Run& run : runs_) {
        if (run.held) {
            held.push_back(&run);
        }
    }
    std::sort(held.begin(), held.end(), [](const Run* a, const Run* b) {
        const int order = a->time == b->time ? a->series.text().compare(b->series.text()) : a->time < b->time ? -1 : 1;
        return order != 0 ? order < 0 : a->step < b->step;
    });
    for (auto next = held.begin(); next != held.end();) {
        for (; next != held.end() && pending_.size() < batch_points; ++next) {
            send_held(**next, none);
        }
        if (!deliver(none, ignored)) {
            return false;
        }
    }
    return inner_.flush(deadline);
}

Dedup::Stats Dedup::State::stats() const noexcept {
    Stats stats = stats_;
    stats.pending = pending_.size();
    return stats;
}

void Dedup::State::take_some(Batch& batch) {
    const std::span<const Point> points = batch.points;
    const auto has_room = [&] {
        return batch.next < points.size() && pending_.size() + batch.passed_to - batch.passed_from < batch_points;
    };
    while (has_room()) {
        const Series& series = points[batch.next].series(); // usually that of several points in a row
        const auto goes_on = [&] { return has_room() && points[batch.next].series() == series; };
        if (Run* const run = run_of(series)) {
            do {
                if (!pass_changing(*run, batch)) {
                    continue_run(*run, batch);
                }
            } while (goes_on());
        } else if (const auto step = series.step(); step > step.zero() && step < std::chrono::seconds{1}) {
            do { // a series in parts of a second shows each point
                send_next(batch);
            } while (goes_on());
        } else {
            begin_run(batch);
        }
    }
}

bool Dedup::State::pass_changing(Run& run, Batch& batch) const {
    if (run.held || !may_pass_next(batch)) {
        return false;
    }
    const std::size_t end = std::min(batch.points.size(), batch.passed_from + batch_points);
    std::size_t next = batch.next;
    for (Value last = run.value; next < end; ++next) {
        const Point& point = batch.points[next];
        if (point.series() != run.series || point.value() == last) {
            break;
        }
        last = point.value();
    }
    if (next == batch.next) {
        return false;
    }
    const Point& last = batch.points[next - 1];
    run.value = last.value();
    run.time = last.time();
    run.start = last.time();
    batch.next = next;
    batch.passed_to = next;
    return true;
}

Dedup::State::Run* Dedup::State::run_of(const Series& series) {
    if (newest_ != no_run && runs_[newest_].series == series) {
        return &runs_[newest_];
    }
    std::uint32_t number = expected_;
    if (number == no_run || runs_[number].series != series) {
        const auto known = number_of_.find(series);
        if (known == number_of_.end()) {
            return nullptr;
        }
        number = known->second;
    }
    Run& run = runs_[number];
    expected_ = run.newer;
    unlink(run);
    set_newest(number);
    return &run;
}

void Dedup::State::begin_run(Batch& batch) {
    const Point& point = batch.points[batch.next];
    Run run{.series = point.series(),
            .value = point.value(),
            .time = point.time(),
            .start = point.time(),
            .step = point.series().step(),
            .in_seconds = point.series().precision() == Series::Precision::seconds};
    auto number = static_cast<std::uint32_t>(runs_.size());
    if (number < options_.max_series) {
        runs_.push_back(std::move(run));
    } else {
        number = oldest_;
        Run& oldest = runs_[number];
        send_held(oldest, batch);
        number_of_.erase(oldest.series);
        unlink(oldest);
        oldest = std::move(run);
        ++stats_.evicted;
    }
    number_of_.emplace(point.series(), number);
    set_newest(number);
    send_next(batch);
}

void Dedup::State::set_newest(std::uint32_t number) {
    runs_[number].older = newest_;
    runs_[number].newer = no_run;
    (newest_ != no_run ? runs_[newest_].newer : oldest_) = number;
    newest_ = number;
}

void Dedup::State::unlink(const Run& run) {
    (run.older != no_run ? runs_[run.older].newer : oldest_) = run.newer;
    (run.newer != no_run ? runs_[run.newer].older : newest_) = run.older;
}

void Dedup::State::continue_run(Run& run, Batch& batch) {
    const Point& point = batch.points[batch.next];
    const WallTime time = printed(point.time(), run.in_seconds);
    const bool goes_back = point.time() <= run.time;
    const bool gap = run.step > run.step.zero() && time - printed(run.time, run.in_seconds) > run.step;
    const bool same = point.value() == run.value;
    const bool due = time - printed(run.start, run.in_seconds) >= options_.interval;

    if (same && !due && !gap && !goes_back) {
        if (run.held) {
            ++stats_.suppressed;
        } else {
            run.held = true;
            ++stats_.held;
        }
        run.time = point.time();
        pass_over_next(batch);
        return;
    }
    if (run.held && same && !gap && !goes_back) {
        run.held = false; // due: this point takes the place of the held one
        --stats_.held;
        ++stats_.suppressed;
    }
    send_held(run, batch);
    if (!same || due || goes_back) {
        run.start = point.time();
    }
    run.value = point.value();
    run.time = point.time();
    send_next(batch);
}

bool Dedup::State::may_pass_next(const Batch& batch) const { return pending_.empty() && batch.passed_to == batch.next; }

void Dedup::State::send_next(Batch& batch) {
    if (may_pass_next(batch)) {
        ++batch.next;
        batch.passed_to = batch.next;
        return;
    }
    copy_passed(batch);
    pending_.push_back(batch.points[batch.next]);
    pending_index_.push_back(batch.next);
    ++batch.next;
}

void Dedup::State::pass_over_next(Batch& batch) {
    ++batch.next;
    if (batch.passed_from == batch.passed_to) {
        batch.passed_from = batch.next;
        batch.passed_to = batch.next;
    }
}

void Dedup::State::send_held(Run& run, Batch& batch) {
    if (run.held) {
        copy_passed(batch);
        pending_.push_back(run.series, run.time, run.value);
        pending_index_.push_back(no_index);
        run.held = false;
        --stats_.held;
    }
}

void Dedup::State::copy_passed(Batch& batch) {
    for (; batch.passed_from != batch.passed_to; ++batch.passed_from) {
        pending_.push_back(batch.points[batch.passed_from]);
        pending_index_.push_back(batch.passed_from);
    }
}

bool Dedup::State::deliver(Batch& batch, Outcome& outcome) {
    const bool passes = batch.passed_from != batch.passed_to; // otherwise the points are in `pending_`
    if (!passes && pending_.empty()) {
        return true;
    }
    Outcome result;
    try {
        result = inner_.publish(passes ? batch.points.subspan(batch.passed_from, batch.passed_to - batch.passed_from)
                                       : std::span<const Point>{pending_});
    } catch (...) {
        copy_passed(batch);
        throw;
    }
    stats_.passed += result.accepted();
    for (const Outcome::Rejection& rejection : result.rejected) {
        const std::size_t index = passes ? batch.passed_from + rejection.index : pending_index_[rejection.index];
        if (index != no_index) {
            outcome.rejected.push_back({index, rejection.reason});
        } else {
            ++stats_.rejected;
        }
    }
    if (passes) {
        batch.passed_from += result.retry_from;
        copy_passed(batch);
    } else {
        pending_.pop_front(result.retry_from);
        pending_index_.erase(pending_index_.begin(),
                             pending_index_.begin() + static_cast<std::ptrdiff_t>(result.retry_from));
    }
    batch.passed_from = batch.next;
    batch.passed_to = batch.next;
    outcome.closed = result.closed;
    return pending_.empty() && !result.closed;
}

Dedup::Dedup(AnyTransmitter inner, DedupOptions options) : state_{std::make_unique<State>(std::move(inner), options)} {}
Dedup::Dedup(Dedup&&) noexcept = default;
Dedup& Dedup::operator=(Dedup&&) noexcept = default;
Dedup::~Dedup() = default;

Outcome Dedup::publish(std::span<const Point> points) { return state_->publish(points); }

bool Dedup::flush(SteadyTime deadline) { return state_->flush(deadline); }

Transmitter::Traits Dedup::traits() const noexcept {
    const Traits inner = state_->inner_.traits();
    return {.keeps_every_event = inner.keeps_every_event, .writer = inner.writer};
}

Dedup::Stats Dedup::stats() const noexcept { return state_->stats(); }

} // namespace tickertape
