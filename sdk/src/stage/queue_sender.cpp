// SPDX-License-Identifier: MIT
// The sending thread of a queue.
#include <algorithm>
#include <exception>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "base/concat.hpp"
#include "base/diagnostics.hpp"
#include "stage/queue.hpp"

namespace tickertape {

namespace {

using namespace std::chrono_literals;

} // namespace

void Buffered::Queue::report_failure(std::string_view what) noexcept {
    try {
        // Message: queue: points were not sent (REASON): they are sent again
        // Cause: The sender of a queue threw an exception, as without memory.
        // Remedy: Look at the reason.
        base::report(base::concat("queue: points were not sent (", what, "): they are sent again"));
    } catch (...) { // NOLINT(bugprone-empty-catch): out of memory, so no message either
    }
}

void Buffered::Queue::run() {
    Lock lock{mutex_};
    sender_ = std::this_thread::get_id();
    while (!stopped_) {
        const SteadyTime now = time_.now();
        if (now >= end_by_) {
            break;
        }
        gather();
        if (shrink(now)) {
            lock.unlock();
            base::give_back_free_memory();
            lock.lock();
            continue;
        }
        spill_stale(now);
        const bool is_fresh_due = is_due(now);
        const bool is_backlog_due = (!is_fresh_due || was_fresh_) && backlog_is_due(now);
        if (has_flush_to_do() && !((is_fresh_due || is_backlog_due) && flush_had_its_turn_)) {
            flush_inner(lock);
        } else if (is_backlog_due) {
            flush_had_its_turn_ = false;
            send_backlog(lock); // in turns with new points
        } else if (is_fresh_due) {
            flush_had_its_turn_ = false;
            send_batch(lock);
        } else if (ring_.empty() && end_by_ != SteadyTime::max()) {
            lock.unlock();
            try_flush(end_by_);
            lock.lock();
            break;
        } else {
            time_.wait(wake_, lock, next_time(now));
        }
    }
    closed_ = true;
    stopped_ = true;
    gather_and_pause();
    drop_front(ring_.size(), Account::Loss::shutdown);
    if (spool_) {
        let_go(std::move(backlog_runs_), Account::Loss::shutdown);
    }
    for (const auto& flush : flushes_) {
        flush->done = true;
    }
    ended_ = true;
    room_.notify_all();
    done_.notify_all();
}

bool Buffered::Queue::is_due(SteadyTime now) {
    if (ring_.empty()) {
        since_ = SteadyTime::max();
        due_ = SteadyTime::max();
        return false;
    }
    if (due_ == SteadyTime::max()) {
        const SteadyTime since = std::min(since_, now);
        due_ = options_.phase < 0ms ? stage::later(since, options_.max_flush_interval)
                                    : stage::next_flush(since, options_.max_flush_interval, options_.phase);
    }
    if (closed_ || now >= due_ || ring_.size() >= threshold_) {
        send_until_ = tail();
        since_ = now; // points that come while these are sent wait from now on
        due_ = SteadyTime::max();
    }
    return head_ < send_until_ && now >= retry_at_;
}

SteadyTime Buffered::Queue::next_time(SteadyTime now) const noexcept {
    const SteadyTime backlog = has_backlog() ? std::max(backlog_retry_at_, pace_.when(now)) : end_by_;
    const SteadyTime fresh = ring_.empty() ? SteadyTime::max() : head_ < send_until_ ? retry_at_ : due_;
    return std::min({fresh, backlog, end_by_, look_at_room_});
}

void Buffered::Queue::send_batch(Lock& lock) {
    const std::size_t count = std::min(ring_.size(), options_.max_batch_size);
    bool failed = false;
    try {
        batch_.reserve(count);
    } catch (const std::exception& error) {
        report_failure(error.what());
        wait_before_retry();
        return;
    }
    const auto end = ring_.begin() + static_cast<std::ptrdiff_t>(count);
    batch_.assign(std::make_move_iterator(ring_.begin()), std::make_move_iterator(end));
    ring_.erase_begin(count);
    head_ += count;
    being_sent_ = count;
    was_fresh_ = true;
    batch_runs_ = spool_ ? runs_.take_front(count) : stage::Runs{};
    const Outcome outcome = hand_over(batch_, batch_runs_, lock, failed);
    settle(outcome, failed);
    lock.unlock();
    batch_.clear();
    lock.lock();
}

void Buffered::Queue::settle(const Outcome& outcome, bool failed) {
    const std::size_t rest = batch_.size() - outcome.retry_from;
    being_sent_ = 0;
    if (!inner_accounts_) {
        book(outcome);
    }
    gone_ = gone_ || outcome.closed;
    closed_ = closed_ || gone_;
    gather_and_pause(); // points that come back get room before staged ones
    if (!gone_ && !stopped_) {
        put_back(outcome.retry_from);
    } else {
        give_up(rest, Account::Loss::shutdown);
        drop_front(ring_.size(), Account::Loss::shutdown);
    }
    if (outcome.retry_from > 0) {
        failures_ = 0;
        retry_at_ = SteadyTime::min();
    } else if (failed || !inner_accounts_) { // a transmitter with accounts waits by itself
        wait_before_retry();
    }
    room_.notify_all();
}

void Buffered::Queue::book(const Outcome& outcome) noexcept {
    account_.queued -= outcome.retry_from;
    account_.acked += outcome.accepted();
    for (const Outcome::Rejection& rejection : outcome.rejected) {
        ++account_.rejected[static_cast<std::size_t>(rejection.reason)];
    }
}

/// Drops the first points of the rest of the batch, or leaves them to the spool.
void Buffered::Queue::give_up(std::size_t points, Account::Loss why) {
    if (spool_) {
        let_go(batch_runs_.take_front(points), why);
    } else if (points > 0) {
        record_drop(points, why);
    }
}

void Buffered::Queue::put_back(std::size_t first) {
    const std::size_t rest = batch_.size() - first;
    const std::size_t fit = std::min(rest, options_.max_buffer_size - ring_.size());
    give_up(rest - fit, Account::Loss::queue_full);
    runs_.put_back(std::move(batch_runs_));
    for (std::size_t i = 0; i < fit; ++i) {
        ring_.push_front(std::move(batch_[batch_.size() - 1 - i]));
    }
    head_ -= fit;
}

void Buffered::Queue::wait_before_retry() {
    constexpr unsigned most_doublings = 30;
    const std::chrono::milliseconds wait = 100ms * (std::int64_t{1} << std::min(failures_, most_doublings));
    retry_at_ = stage::later(time_.now(), std::min(wait, options_.max_flush_interval));
    ++failures_;
}

bool Buffered::Queue::has_flush_to_do() const {
    return std::any_of(flushes_.begin(), flushes_.end(),
                       [this](const auto& flush) { return !flush->done && flush->until <= head_; });
}

void Buffered::Queue::flush_inner(Lock& lock) {
    constexpr std::chrono::milliseconds longest_deafness{100}; // the longest time until it notices `stop`
    // After this time, points that came meanwhile are sent. It is long because
    // a transmitter that keeps getting new points always has an unanswered one.
    constexpr std::chrono::seconds longest_turn{5};
    std::vector<std::shared_ptr<Flush>> ready;
    SteadyTime deadline = SteadyTime::min();
    for (const auto& flush : flushes_) {
        if (!flush->done && flush->until <= head_) {
            ready.push_back(flush);
            deadline = std::max(deadline, flush->deadline);
        }
    }
    bool succeeded = false;
    SteadyTime now = time_.now();
    SteadyTime until = now;
    const SteadyTime end_of_turn = stage::later(now, longest_turn);
    do {
        until = std::min(deadline, stage::later(now, longest_deafness));
        lock.unlock();
        succeeded = try_flush(until);
        lock.lock();
        now = time_.now();
    } while (!succeeded && !stopped_ && now >= until && now < std::min(deadline, end_of_turn));
    flush_had_its_turn_ = true;
    if (!succeeded && !stopped_ && now >= until && now < deadline) {
        return; // the flush continues in its next turn
    }
    for (const auto& flush : ready) {
        flush->done = true;
        flush->succeeded = succeeded && !gone_;
    }
    done_.notify_all();
}

bool Buffered::Queue::try_flush(SteadyTime deadline) noexcept {
    try {
        return inner_.flush(deadline);
    } catch (const std::exception& error) {
        report_failure(error.what());
    } catch (...) {
        report_failure("the transmitter threw something that is no std::exception");
    }
    return false;
}

} // namespace tickertape
