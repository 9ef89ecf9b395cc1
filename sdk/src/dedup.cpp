// SPDX-License-Identifier: MIT
#include <tickertape/dedup.hpp>

#include <algorithm>
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
    return options;
}

// The time as a receiver of lines sees it, which measures the same interval by it.
WallTime printed(WallTime time, const Series& series) {
    return series.precision() == Precision::seconds ? WallTime{std::chrono::floor<std::chrono::seconds>(time)} : time;
}

} // namespace

Dedup::Dedup(AnyTransmitter inner, DedupOptions options) : inner_{std::move(inner)}, options_{checked(options)} {}

Outcome Dedup::publish(std::span<const Point> points) {
    Outcome outcome;
    std::fill(pending_index_.begin(), pending_index_.end(), no_index);
    if (!deliver(outcome)) { // an exception leaves from here: nothing of `points` is taken
        return outcome;
    }
    if (options_.interval == std::chrono::seconds::zero()) {
        outcome = inner_.publish(points);
        stats_.passed += outcome.accepted();
        return outcome;
    }
    while (outcome.retry_from < points.size()) {
        while (outcome.retry_from < points.size() && pending_.size() < batch_points) {
            take(points[outcome.retry_from], outcome.retry_from);
            ++outcome.retry_from;
        }
        try {
            if (!deliver(outcome)) {
                break;
            }
        } catch (...) {
            // The points taken are in `pending_`: the caller must not publish them again. Should the inner transmitter
            // still be in trouble, the next call throws.
            break;
        }
    }
    return outcome;
}

bool Dedup::flush(SteadyTime deadline) {
    Outcome ignored;
    std::fill(pending_index_.begin(), pending_index_.end(), no_index);
    if (!deliver(ignored)) {
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
        return order != 0 ? order < 0 : a->series.step() < b->series.step();
    });
    for (auto next = held.begin(); next != held.end();) {
        for (; next != held.end() && pending_.size() < batch_points; ++next) {
            send_held(**next);
        }
        if (!deliver(ignored)) {
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

void Dedup::take(const Point& point, std::size_t index) {
    const auto step = point.series().step();
    if (step > step.zero() && step < std::chrono::seconds{1}) {
        send(point, index); // who asks for parts of a second wants to see each
        return;
    }
    // A counter's points come in a row: then it is the one in front.
    if (!runs_.empty() && runs_.front().series == point.series()) {
        continue_run(runs_.front(), point, index);
        return;
    }
    const auto known = run_of_.find(point.series());
    if (known == run_of_.end()) {
        if (runs_.size() >= options_.max_series) {
            evict();
        }
        start_run(point);
        send(point, index);
        return;
    }
    runs_.splice(runs_.begin(), runs_, known->second);
    continue_run(*known->second, point, index);
}

void Dedup::start_run(const Point& point) {
    runs_.push_front({.series = point.series(), .value = point.value(), .time = point.time(), .start = point.time()});
    run_of_.emplace(point.series(), runs_.begin());
}

void Dedup::continue_run(Run& run, const Point& point, std::size_t index) {
    const WallTime time = printed(point.time(), run.series);
    const auto step = run.series.step();
    const bool goes_back = point.time() <= run.time;
    const bool gap = step > std::chrono::nanoseconds::zero() && time - printed(run.time, run.series) > step;
    const bool same = point.value() == run.value;
    const bool due = time - printed(run.start, run.series) >= options_.interval;

    if (same && !due && !gap && !goes_back) {
        if (run.held) {
            ++stats_.suppressed;
        } else {
            run.held = true;
            ++stats_.held;
        }
        run.time = point.time();
        return;
    }
    if (run.held && same && !gap && !goes_back) {
        run.held = false; // due: this point takes the place of the held one
        --stats_.held;
        ++stats_.suppressed;
    }
    send_held(run);
    if (!same || due || goes_back) {
        run.start = point.time();
    }
    run.value = point.value();
    run.time = point.time();
    send(point, index);
}

void Dedup::evict() {
    send_held(runs_.back());
    run_of_.erase(runs_.back().series);
    runs_.pop_back();
    ++stats_.evicted;
}

void Dedup::send(const Point& point, std::size_t index) {
    pending_.push_back(point);
    pending_index_.push_back(index);
}

void Dedup::send_held(Run& run) {
    if (run.held) {
        send(Point{run.series, run.time, run.value}, no_index);
        run.held = false;
        --stats_.held;
    }
}

bool Dedup::deliver(Outcome& outcome) {
    if (pending_.empty()) {
        return true;
    }
    const Outcome result = inner_.publish(pending_);
    stats_.passed += result.accepted();
    for (const Rejection& rejection : result.rejected) {
        if (const std::size_t index = pending_index_[rejection.index]; index != no_index) {
            outcome.rejected.push_back({index, rejection.reason});
        } else {
            ++stats_.rejected;
        }
    }
    const auto taken = static_cast<std::ptrdiff_t>(result.retry_from);
    pending_.erase(pending_.begin(), pending_.begin() + taken);
    pending_index_.erase(pending_index_.begin(), pending_index_.begin() + taken);
    outcome.closed = result.closed;
    return pending_.empty() && !result.closed;
}

} // namespace tickertape
