// SPDX-License-Identifier: MIT
#include "stage/queue.hpp"

#include <algorithm>
#include <atomic>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "base/concat.hpp"
#include "base/forks.hpp"
#include "base/threads.hpp"
#include "stage/ledger.hpp"

namespace tickertape {

namespace {

using std::chrono::milliseconds;

constexpr std::chrono::hours longest{24 * 365 * 10}; // so that no sum of times overflows

constexpr std::size_t usual_room = 2048; // points: 64 KiB, not worth giving back
constexpr std::chrono::seconds between_looks{15};
constexpr std::size_t worth_a_trim =
    std::size_t{1024} * 1024; // bytes: a trim goes through the heap of the whole application

BufferedOptions checked(BufferedOptions options) {
    const auto refuse = [](std::string_view name, std::int64_t value, std::string_view range) {
        throw UsageError{base::concat("the ", name, " of Buffered is ", value, range)};
    };
    if (options.max_buffer_size == 0) {
        refuse("max_buffer_size", 0, "; no queue here is unbounded, and it holds at least 1 point");
    }
    if (options.max_batch_size == 0) {
        refuse("max_batch_size", 0, "; it is at least 1");
    }
    if (options.max_flush_interval <= milliseconds::zero()) {
        refuse("max_flush_interval", options.max_flush_interval.count(), " ms; it is at least 1 ms");
    }
    if (options.linger < milliseconds::zero()) {
        refuse("linger", options.linger.count(), " ms; it is 0 (nothing is sent at the end) or positive");
    }
    options.max_flush_interval = std::min<milliseconds>(options.max_flush_interval, longest);
    options.linger = std::min<milliseconds>(options.linger, longest);
    return options;
}

} // namespace

Buffered::Queue::Queue(AnyTransmitter inner, const BufferedOptions& options, stage::QueueTime& time)
    : options_{checked(options)}, time_{time}, inner_{std::move(inner)},
      traits_{.keeps_every_event = inner_.traits().keeps_every_event, .takes_at_once = true},
      inner_accounts_{inner_.accounts() != nullptr && !inner_.accounts()->is_inherited()},
      accounts_{inner_accounts_ ? inner_.accounts() : std::make_shared<stage::Ledger>()},
      threshold_{std::min(options_.max_buffer_size - options_.max_buffer_size / 10, options_.max_batch_size)},
      mutex_{accounts_->mutex_}, account_{accounts_->account_}, may_stage_{options_.spool.directory.empty()},
      pace_{options_.spool.backlog_per_second, std::random_device{}()} {
    accounts_->put_queue_in_front(options_.overflow == Overflow::block);
    if (may_stage_) {
        late_entries_.emplace(*accounts_, [this] { gather(); });
    }
    if (!options_.spool.directory.empty()) {
        spool_ = std::make_unique<stage::QueueSpool>(options_.spool, accounts_, time_.disk(), [this] {
            const std::lock_guard lock{mutex_};
            wake_.notify_one();
        });
        spool_opened_ = spool_->times_opened();
    }
    thread_ = base::make_quiet_thread("tt-queue", [this] { run(); });
}

Buffered::Queue::~Queue() {
    {
        const std::lock_guard lock{mutex_};
        closed_ = true;
        gather_and_pause();
        end_by_ = stage::later(time_.now(), options_.linger);
        retry_at_ = SteadyTime::min();
    }
    wake_.notify_one();
    room_.notify_all();
    thread_.join();
    late_entries_.reset();
    if (spool_) {
        end_spool();
    }
}

bool Buffered::Queue::is_usable() const noexcept {
    static std::atomic_flag said = ATOMIC_FLAG_INIT;
    return forks_.is_usable(said, "a queue of points; it accepts and sends none");
}

Sent Buffered::Queue::add(Point&& point) {
    if (spool_) {
        return add_spooled(std::move(point));
    }
    return staging_->stage(std::move(point)) ? Sent::queued : add_now([&] { return std::move(point); });
}

Sent Buffered::Queue::add(const stage::Event& event) {
    if (spool_) {
        return add_spooled(event.point());
    }
    return staging_->stage(*event.source, event.time, event.value) ? Sent::queued
                                                                   : add_now([&] { return event.point_locked(); });
}

template <class Make>
Sent Buffered::Queue::add_now(Make make) {
    Lock lock{mutex_};
    staging_->use_lane();
    gather();
    if (closed_) {
        return Sent::closed;
    }
    Point point = make(); // before a wait for room, because later events may be queued meanwhile
    Sent result = Sent::queued;
    if (room() == 0) {
        if (options_.overflow == Overflow::drop_oldest) {
            drop_front(1, Account::Loss::queue_full);
            result = Sent::displaced_oldest;
        } else if (options_.overflow == Overflow::drop_newest || wait_for_room(lock) == 0) {
            if (closed_) {
                return Sent::closed;
            }
            record_new_drop(1);
            return Sent::dropped;
        }
    }
    grow(1);
    const std::size_t before = ring_.size();
    record_new(1);
    ring_.push_back(std::move(point));
    const bool wake = has_to_wake(before);
    lock.unlock();
    if (wake) {
        wake_.notify_one();
    }
    return result;
}

Outcome Buffered::Queue::publish(std::span<const Point> points) {
    if (spool_) {
        return publish_spooled(points);
    }
    if (points.size() == 1) {
        const bool is_taken = add(Point{points.front()}) != Sent::closed;
        return is_taken ? Outcome{.retry_from = 1} : Outcome{.closed = true};
    }
    Outcome outcome;
    bool wake = false;
    Lock lock{mutex_};
    gather_and_pause();
    while (outcome.retry_from < points.size() && !closed_) {
        const std::size_t wanted = std::min(points.size() - outcome.retry_from, options_.max_buffer_size);
        std::size_t count = std::min(wanted, room());
        if (count < wanted && options_.overflow == Overflow::drop_oldest) {
            drop_front(wanted - count, Account::Loss::queue_full);
            count = wanted;
        } else if (count == 0 && options_.overflow == Overflow::block) {
            if (std::exchange(wake, false)) {
                wake_.notify_one(); // the sender makes the room
            }
            count = std::min(wanted, wait_for_room(lock));
        }
        if (closed_) {
            break;
        }
        if (count == 0) {
            record_new_drop(wanted);
            outcome.retry_from += wanted;
            continue;
        }
        grow(count);
        const std::size_t before = ring_.size();
        record_new(count);
        const std::span<const Point> part = points.subspan(outcome.retry_from, count);
        ring_.insert(ring_.end(), part.begin(), part.end());
        outcome.retry_from += count;
        wake = wake || has_to_wake(before);
    }
    outcome.closed = closed_;
    lock.unlock();
    if (wake) { // without the mutex, for which the sender would wait at once
        wake_.notify_one();
    }
    return outcome;
}

bool Buffered::Queue::flush(SteadyTime deadline) {
    Lock lock{mutex_};
    if (stopped_ || ended_ || std::this_thread::get_id() == sender_) {
        return false;
    }
    gather();
    const auto flush = std::make_shared<Flush>(Flush{.until = tail(), .deadline = deadline});
    flushes_.push_back(flush);
    send_until_ = tail();
    retry_at_ = SteadyTime::min();
    wake_.notify_one();
    while (!flush->done && time_.now() < deadline) {
        time_.wait(done_, lock, deadline);
    }
    flushes_.erase(std::remove(flushes_.begin(), flushes_.end(), flush), flushes_.end());
    return flush->succeeded;
}

void Buffered::Queue::close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    gather_and_pause();
    pace_.no_more_comes();
    retry_at_ = SteadyTime::min();
    wake_.notify_one();
    room_.notify_all();
}

void Buffered::Queue::stop() {
    Lock lock{mutex_};
    closed_ = true;
    stopped_ = true;
    gather_and_pause();
    drop_front(ring_.size(), Account::Loss::shutdown);
    wake_.notify_one();
    room_.notify_all();
    if (std::this_thread::get_id() != sender_) {
        done_.wait(lock, [this] { return ended_; });
    }
}

std::size_t Buffered::Queue::remaining_capacity() {
    const std::lock_guard lock{mutex_};
    gather();
    return closed_ ? 0 : room();
}

void Buffered::Queue::record_new(std::size_t queued) noexcept {
    account_.accepted += queued;
    account_.queued += queued;
}

void Buffered::Queue::record_new_drop(std::size_t points) noexcept {
    account_.accepted += points;
    account_.dropped[static_cast<std::size_t>(Account::Loss::queue_full)] += points;
}

void Buffered::Queue::record_drop(std::size_t points, Account::Loss why) noexcept {
    account_.queued -= points;
    account_.dropped[static_cast<std::size_t>(why)] += points;
}

std::size_t Buffered::Queue::room() const noexcept {
    const std::size_t held = ring_.size() + (options_.overflow == Overflow::drop_oldest ? 0 : being_sent_);
    return options_.max_buffer_size - held;
}

void Buffered::Queue::grow(std::size_t points) {
    constexpr std::size_t least = 64;
    // Includes room for points that a transmitter may hand back, so that putting them back cannot fail.
    const std::size_t needed =
        std::min(ring_.size() + staging_->room() + being_sent_ + points, options_.max_buffer_size);
    if (needed > ring_.capacity()) {
        ring_.set_capacity(std::min(std::max({needed, 2 * ring_.capacity(), least}), options_.max_buffer_size));
        if (ring_.capacity() > usual_room && look_at_room_ == SteadyTime::max()) {
            look_at_room_ = stage::later(time_.now(), between_looks);
        }
    }
    most_lately_ = std::max(most_lately_, needed);
}

bool Buffered::Queue::shrink(SteadyTime now) noexcept {
    if (now < look_at_room_) {
        return false;
    }
    gather_and_pause();
    staging_->give_back_memory();
    const std::size_t needed = std::max({2 * most_lately_, ring_.size() + being_sent_, usual_room});
    most_lately_ = ring_.size() + being_sent_;
    bool is_smaller = false;
    try {
        if (const std::size_t before = ring_.capacity(); needed <= before / 2) {
            ring_.set_capacity(needed);
            decltype(batch_){}.swap(batch_);
            is_smaller = (before - needed) * sizeof(Point) >= worth_a_trim;
        }
    } catch (const std::bad_alloc&) { // no memory now: the next check tries again
    }
    look_at_room_ = ring_.capacity() > usual_room ? stage::later(now, between_looks) : SteadyTime::max();
    return is_smaller;
}

std::size_t Buffered::Queue::wait_for_room(Lock& lock) {
    if (std::this_thread::get_id() == sender_) {
        return 0; // it would wait for itself
    }
    room_.wait(lock, [this] {
        gather_and_pause();
        return closed_ || room() > 0;
    });
    return closed_ ? 0 : room();
}

bool Buffered::Queue::has_to_wake(std::size_t before) const noexcept {
    return before == 0 || (before < threshold_ && ring_.size() >= threshold_);
}

void Buffered::Queue::drop_front(std::size_t points, Account::Loss why) {
    if (points > 0) {
        if (spool_) {
            let_go(runs_.take_front(points), why);
        } else {
            record_drop(points, why);
        }
        ring_.erase_begin(points);
        head_ += points;
    }
}

} // namespace tickertape
