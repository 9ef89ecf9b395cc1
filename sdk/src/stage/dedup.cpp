// SPDX-License-Identifier: MIT
#include <tickertape/dedup.hpp>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

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

// The time as a receiver of lines sees it, which measures the same interval by it.
WallTime printed(WallTime time, bool in_seconds) {
    return in_seconds ? WallTime{std::chrono::floor<std::chrono::seconds>(time)} : time;
}

} // namespace

Dedup::Dedup(AnyTransmitter inner, DedupOptions options) : inner_{std::move(inner)}, options_{checked(options)} {}

Outcome Dedup::publish(std::span<const Point> points) {
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
    pending_.reserve(most_pending); // so that nothing that has been taken is lost for want of memory
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

bool Dedup::flush(SteadyTime deadline) {
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

DedupStats Dedup::stats() const noexcept {
    DedupStats stats = stats_;
    stats.pending = pending_.size();
    return stats;
}

void Dedup::take_some(Batch& batch) {
    const std::span<const Point> points = batch.points;
    const auto has_room = [&] {
        return batch.next < points.size() && pending_.size() + batch.passed_to - batch.passed_from < batch_points;
    };
    while (has_room()) {
        const Series& series = points[batch.next].series(); // as a rule that of several points in a row
        const auto goes_on = [&] { return has_room() && points[batch.next].series() == series; };
        if (Run* const run = run_of(series)) {
            do {
                if (!pass_changing(*run, batch)) {
                    continue_run(*run, batch);
                }
            } while (goes_on());
        } else if (const auto step = series.step(); step > step.zero() && step < std::chrono::seconds{1}) {
            do { // who asks for parts of a second wants to see each
                send_next(batch);
            } while (goes_on());
        } else {
            begin_run(batch);
        }
    }
}

bool Dedup::pass_changing(Run& run, Batch& batch) {
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

Dedup::Run* Dedup::run_of(const Series& series) {
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

void Dedup::begin_run(Batch& batch) {
    const Point& point = batch.points[batch.next];
    Run run{.series = point.series(),
            .value = point.value(),
            .time = point.time(),
            .start = point.time(),
            .step = point.series().step(),
            .in_seconds = point.series().precision() == Precision::seconds};
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

void Dedup::set_newest(std::uint32_t number) {
    runs_[number].older = newest_;
    runs_[number].newer = no_run;
    (newest_ != no_run ? runs_[newest_].newer : oldest_) = number;
    newest_ = number;
}

void Dedup::unlink(const Run& run) {
    (run.older != no_run ? runs_[run.older].newer : oldest_) = run.newer;
    (run.newer != no_run ? runs_[run.newer].older : newest_) = run.older;
}

void Dedup::continue_run(Run& run, Batch& batch) {
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

bool Dedup::may_pass_next(const Batch& batch) const { return pending_.empty() && batch.passed_to == batch.next; }

void Dedup::send_next(Batch& batch) {
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

void Dedup::pass_over_next(Batch& batch) {
    ++batch.next;
    if (batch.passed_from == batch.passed_to) {
        batch.passed_from = batch.next;
        batch.passed_to = batch.next;
    }
}

void Dedup::send_held(Run& run, Batch& batch) {
    if (run.held) {
        copy_passed(batch);
        pending_.push_back(run.series, run.time, run.value);
        pending_index_.push_back(no_index);
        run.held = false;
        --stats_.held;
    }
}

void Dedup::copy_passed(Batch& batch) {
    for (; batch.passed_from != batch.passed_to; ++batch.passed_from) {
        pending_.push_back(batch.points[batch.passed_from]);
        pending_index_.push_back(batch.passed_from);
    }
}

bool Dedup::deliver(Batch& batch, Outcome& outcome) {
    const bool passes = batch.passed_from != batch.passed_to; // else the points are in `pending_`
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
    for (const Rejection& rejection : result.rejected) {
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

} // namespace tickertape
