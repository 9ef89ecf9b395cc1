// SPDX-License-Identifier: MIT
// The additional work of a queue with a spool.
#include <algorithm>
#include <exception>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "stage/ledger.hpp"
#include "stage/queue.hpp"

namespace tickertape {

namespace {

using namespace std::chrono_literals;

// A receiver that takes nothing for this time is away: points that have waited for this time are left to the spool.
constexpr std::chrono::milliseconds patience{1'000};
constexpr std::chrono::milliseconds backlog_again_after{50};
constexpr std::size_t most_at_once = 4096; // points of a publish, so that a queue that closes is noticed
constexpr std::size_t enough_backlog = 1024;
constexpr std::size_t spilled_part = 16; // of the queue, at least

std::uint64_t written_of(const stage::Runs& runs) {
    std::uint64_t points = 0;
    for (const stage::Run& run : runs.all()) {
        points += run.store ? run.size() : 0;
    }
    return points;
}

} // namespace

Sent Buffered::Queue::add_spooled(Point&& point) {
    const std::span<const Point> one{&point, 1};
    {
        const Lock lock{mutex_};
        if (closed_) {
            return Sent::closed;
        }
    }
    stage::Runs runs = spool_->append(one, time_.now());
    const bool is_written = written_of(runs) > 0;
    Lock lock{mutex_};
    std::size_t dropped = 0;
    if (enqueue(one, std::move(runs), lock, dropped) == 0) {
        return Sent::closed;
    }
    return is_written ? Sent::spooled : dropped > 0 ? Sent::dropped : Sent::queued;
}

Outcome Buffered::Queue::publish_spooled(std::span<const Point> points) {
    Outcome outcome;
    while (outcome.retry_from < points.size()) {
        const auto part =
            points.subspan(outcome.retry_from, std::min(points.size() - outcome.retry_from, most_at_once));
        {
            const Lock lock{mutex_};
            if (closed_) {
                break;
            }
        }
        stage::Runs runs = spool_->append(part, time_.now());
        const std::uint64_t written = written_of(runs); // they are the first ones
        Lock lock{mutex_};
        std::size_t dropped = 0;
        const std::size_t taken = enqueue(part, std::move(runs), lock, dropped);
        outcome.retry_from += taken;
        outcome.spooled += std::min<std::uint64_t>(taken, written);
        if (taken < part.size()) {
            break;
        }
    }
    const Lock lock{mutex_};
    outcome.closed = closed_;
    return outcome;
}

std::size_t Buffered::Queue::enqueue(std::span<const Point> points, stage::Runs runs, Lock& lock,
                                     std::size_t& dropped) {
    pace_.came(points.size(), time_.now());
    std::size_t done = 0;
    while (done < points.size() && !closed_) {
        const std::size_t count = std::min(points.size() - done, room());
        if (count == 0) {
            done += make_room(runs, lock, dropped);
            continue;
        }
        grow(count);
        const std::size_t before = ring_.size();
        record_new(count);
        const std::span<const Point> part = points.subspan(done, count);
        ring_.insert(ring_.end(), part.begin(), part.end());
        runs_.append(runs.take_front(count));
        done += count;
        if (has_to_wake(before)) {
            wake_.notify_one();
        }
    }
    spool_->settle(std::move(runs)); // the queue has closed meanwhile
    return done;
}

/// Waits, or leaves the oldest points or the first new ones to the spool, or follows the overflow policy. Returns how many of the
/// new points need no room any more.
std::size_t Buffered::Queue::make_room(stage::Runs& runs, Lock& lock, std::size_t& dropped) {
    const bool may_wait = options_.overflow == Overflow::block && std::this_thread::get_id() != sender_;
    if (may_wait && !is_stalled_) {
        room_.wait(lock, [this] { return closed_ || is_stalled_ || room() > 0; });
        return 0;
    }
    const std::uint64_t wanted = runs.size();
    if (spill(std::max<std::size_t>(wanted, options_.max_buffer_size / spilled_part)) > 0) {
        return 0;
    }
    if (const stage::Run& first = runs.all().front(); spool_->holds(first)) {
        const std::uint64_t points = first.size();
        account_.accepted += points;
        account_.spooled += points;
        spool_->leave(runs.take_front(points));
        return points;
    }
    if (may_wait) {
        room_.wait(lock, [this] { return closed_ || room() > 0; });
        return 0;
    }
    if (options_.overflow == Overflow::drop_oldest && !ring_.empty()) {
        drop_front(std::min<std::size_t>(wanted, ring_.size()), Account::Loss::queue_full);
        return 0;
    }
    record_new_drop(wanted);
    dropped += wanted;
    static_cast<void>(runs.take_front(wanted));
    return wanted;
}

std::size_t Buffered::Queue::spill(std::size_t points) {
    std::size_t spilled = 0;
    while (spilled < points && !runs_.empty() && spool_->holds(runs_.all().front())) {
        const std::size_t count = std::min<std::size_t>(points - spilled, runs_.all().front().size());
        drop_front(count, Account::Loss::queue_full);
        spilled += count;
    }
    if (spilled > 0) {
        room_.notify_all();
    }
    return spilled;
}

void Buffered::Queue::spill_stale(SteadyTime now) {
    while (is_stalled_ && !runs_.empty() && runs_.all().front().since < now - patience &&
           spill(runs_.all().front().size()) > 0) {
    }
}

void Buffered::Queue::let_go(stage::Runs runs, Account::Loss why) {
    stage::Runs left;
    while (!runs.empty()) {
        const std::uint64_t points = runs.all().front().size();
        const bool is_held = spool_->holds(runs.all().front());
        account_.queued -= points;
        (is_held ? account_.spooled : account_.dropped[static_cast<std::size_t>(why)]) += points;
        stage::Runs run = runs.take_front(points);
        if (is_held) {
            left.append(std::move(run));
        }
    }
    if (!left.empty()) {
        spool_->leave(std::move(left));
    }
}

bool Buffered::Queue::has_backlog() const noexcept {
    return spool_ && (account_.spooled > 0 || backlog_at_ < backlog_.size());
}

bool Buffered::Queue::backlog_is_due(SteadyTime now) {
    // While the receiver accepts nothing, new points are the ones to try.
    return has_backlog() && (!is_stalled_ || ring_.empty()) && now >= backlog_retry_at_ && pace_.allowed(now) > 0;
}

bool Buffered::Queue::fill_backlog(Lock& lock) {
    if (backlog_at_ < backlog_.size()) {
        return true;
    }
    lock.unlock();
    backlog_.clear();
    backlog_at_ = 0;
    stage::Runs taken = spool_->take(backlog_, std::min(enough_backlog, options_.max_buffer_size));
    lock.lock();
    account_.spooled -= taken.size();
    account_.queued += taken.size();
    backlog_runs_ = std::move(taken);
    return !backlog_.empty();
}

void Buffered::Queue::send_backlog(Lock& lock) {
    was_fresh_ = false;
    if (!fill_backlog(lock)) {
        backlog_retry_at_ = stage::later(time_.now(), backlog_again_after);
        return;
    }
    const std::size_t count =
        std::min({pace_.allowed(time_.now()), options_.max_batch_size, backlog_.size() - backlog_at_});
    const std::span<const Point> points = std::span<const Point>{backlog_}.subspan(backlog_at_, count);
    stage::Runs runs = backlog_runs_.take_front(count);
    bool failed = false;
    const Outcome outcome = hand_over(points, runs, lock, failed);
    backlog_runs_.put_back(std::move(runs));
    backlog_at_ += outcome.retry_from;
    pace_.sent(outcome.retry_from);
    if (!inner_accounts_) {
        book(outcome);
    }
    gone_ = gone_ || outcome.closed;
    closed_ = closed_ || gone_;
    if (gone_) {
        drop_front(ring_.size(), Account::Loss::shutdown);
    }
    if (outcome.retry_from == 0) {
        backlog_retry_at_ = stage::later(time_.now(), backlog_again_after);
    } else if (!closed_) { // after `close` the caller waits, and reports the rest
        say_progress(lock);
    }
}

void Buffered::Queue::say_progress(Lock& lock) {
    const std::string sentence = progress_.sent(account_.spooled + backlog_.size() - backlog_at_, time_.now());
    if (!sentence.empty()) {
        lock.unlock();
        // Message: NUMBER points of the backlog wait in the spool, for about TIME` or `the backlog of the spool has been sent
        // Cause: After an outage, the points in the spool are sent at a limited rate.
        // Remedy: None needed. --spool-rate raises the rate.
        base::log(base::Level::notice, sentence);
        lock.lock();
    }
}

Outcome Buffered::Queue::hand_over(std::span<const Point> points, stage::Runs& runs, Lock& lock, bool& failed) {
    Outcome outcome;
    lock.unlock();
    const std::shared_ptr<stage::QueueSpool::BatchReceipt> receipt = spool_ ? spool_->make_receipt(runs) : nullptr;
    accounts_->receipt_ = receipt;
    try {
        outcome = inner_.publish(points);
    } catch (const std::exception& error) {
        failed = true;
        report_failure(error.what());
    } catch (...) {
        failed = true;
        report_failure("the transmitter threw something that is no std::exception");
    }
    accounts_->receipt_ = nullptr;
    lock.lock();
    if (spool_) {
        const std::uint64_t all = runs.size();
        stage::Runs taken = runs.take_front(all == 0 ? 0 : outcome.retry_from);
        count_memory_only(taken);
        receipt->stand_for(std::move(taken));
        note_taken(outcome.retry_from, time_.now());
    }
    return outcome;
}

/// Counts the points that the receiver holds, `taken` included, and that are in memory only.
void Buffered::Queue::count_memory_only(const stage::Runs& taken) {
    const std::uint64_t unsettled = account_.in_flight + account_.set_aside;
    if (const std::uint64_t opened = spool_->times_opened(); opened != spool_opened_) {
        spool_opened_ = opened;
        // The points of the receiver were in another spool, or in memory only.
        memory_only_ = unsettled - std::min(unsettled, taken.size());
    }
    std::uint64_t held = 0;
    for (const stage::Run& run : taken.all()) {
        held += spool_->holds(run) ? run.size() : 0;
    }
    memory_only_ = std::min(memory_only_ + taken.size() - held, unsettled);
}

/// Notes whether the receiver takes points.
void Buffered::Queue::note_taken(std::size_t points, SteadyTime now) {
    if (points > 0) {
        if (std::exchange(is_stalled_, false)) {
            pace_.begin_again(now);
            progress_.begin_again();
        }
        refusing_since_ = SteadyTime::max();
        return;
    }
    refusing_since_ = std::min(refusing_since_, now);
    if (now - refusing_since_ >= patience && !std::exchange(is_stalled_, true)) {
        room_.notify_all();
    }
}

/// Points that the receiver has not settled when it ends are in the spool.
void Buffered::Queue::end_spool() {
    spool_->end();
    const Lock lock{mutex_};
    count_memory_only({});
    accounts_->leaves_to_spool_ = true;
    accounts_->not_spooled_ = spool_->is_open() ? memory_only_ : account_.in_flight + account_.set_aside;
}

} // namespace tickertape
