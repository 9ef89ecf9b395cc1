// SPDX-License-Identifier: MIT
/// \file
/// Buffered::Queue: the queue, its accounts, and the thread that empties it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/circular_buffer.hpp>

#include <tickertape/buffered.hpp>

#include "base/forks.hpp"
#include "base/heap.hpp"
#include "stage/backlog_pace.hpp"
#include "stage/backlog_progress.hpp"
#include "stage/ledger.hpp"
#include "stage/queue_spool.hpp"
#include "stage/queue_time.hpp"
#include "stage/runs.hpp"
#include "stage/staging.hpp"

namespace tickertape {

/// Points are numbered in the order in which they came; `head_` is the number of the first in the ring. Those of the batch
/// that is just being published come before it. Staged points come after those in the ring. They count only once they are in the
/// ring, so every function that reads the ring or the account gathers them first.
///
/// Thread safety: all public functions may be called from any thread. Everything is under the mutex of the
/// accounts, so an entry needs no further lock. Exceptions are members that only the sending thread uses.
class Buffered::Queue {
public:
    Queue(AnyTransmitter inner, const BufferedOptions& options, stage::QueueTime& time);
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    ~Queue();

    /// Returns whether this process is a fork of the one that made the queue.
    [[nodiscard]] bool is_forked() const noexcept { return forks_.is_child(); }
    /// Returns whether this process made it. If not, reports that once.
    [[nodiscard]] bool is_usable() const noexcept;

    Sent add(Point&& point);
    Sent add(const stage::Event& event);
    Outcome publish(std::span<const Point> points);
    bool flush(SteadyTime deadline);
    void close();
    void stop();
    /// From now on no point is staged.
    void end_staging();
    [[nodiscard]] const std::shared_ptr<stage::Staging>& staging() const noexcept { return staging_; }
    [[nodiscard]] Transmitter::Traits traits() const noexcept { return traits_; }
    [[nodiscard]] std::size_t limit() const noexcept { return options_.max_buffer_size; }
    [[nodiscard]] std::size_t remaining_capacity();
    [[nodiscard]] const std::shared_ptr<stage::Ledger>& accounts() const noexcept { return accounts_; }

private:
    /// The request of a caller that waits.
    struct Flush {
        std::uint64_t until; ///< points with lower numbers must be sent
        SteadyTime deadline;
        bool done = false;
        bool succeeded = false;
    };
    using Lock = std::unique_lock<std::mutex>;

    /// Adds the point that `make` returns directly to the ring.
    template <class Make>
    [[nodiscard]] Sent add_now(Make make);

    // All of these are called under the mutex.
    /// Queues the staged points, and allows each lane to take as many more as there is room for.
    void gather() noexcept;
    /// Queues the staged points, and allows no more until the next `gather`.
    void gather_and_pause() noexcept;
    void take_staged(std::size_t share) noexcept;
    /// The number of points that each lane may take, besides one point that is about to be queued.
    [[nodiscard]] std::size_t share_of_a_lane() const noexcept;
    [[nodiscard]] std::uint64_t tail() const noexcept { return head_ + ring_.size(); }
    [[nodiscard]] std::size_t room() const noexcept;
    void grow(std::size_t points);
    /// Frees the memory of an outage when it has not been needed for a while. Returns whether it did.
    bool shrink(SteadyTime now) noexcept;
    /// Waits for room as Overflow::block demands. Returns how many points fit then, 0 if the caller has to drop or the
    /// queue has closed.
    std::size_t wait_for_room(Lock& lock);
    /// Returns whether the sending thread has to be woken, now that there are more than `before` points.
    [[nodiscard]] bool has_to_wake(std::size_t before) const noexcept;
    void drop_front(std::size_t points, Account::Loss why);
    /// Leaves points that were queued to the spool, or drops them.
    void let_go(stage::Runs runs, Account::Loss why);
    void record_new(std::size_t queued) noexcept;
    void record_new_drop(std::size_t points) noexcept;
    void record_drop(std::size_t points, Account::Loss why) noexcept;
    // For a queue with a spool; in queue_on_disk.cpp.
    Sent add_spooled(Point&& point);
    [[nodiscard]] Outcome publish_spooled(std::span<const Point> points);
    /// Returns how many of the first points were accepted; fewer only if the queue is closed.
    std::size_t enqueue(std::span<const Point> points, stage::Runs runs, Lock& lock, std::size_t& dropped);
    std::size_t make_room(stage::Runs& runs, Lock& lock, std::size_t& dropped);
    /// Leaves up to `points` of the oldest points to the spool. Returns how many.
    std::size_t spill(std::size_t points);
    void spill_stale(SteadyTime now);
    [[nodiscard]] bool has_backlog() const noexcept;
    [[nodiscard]] bool backlog_is_due(SteadyTime now);
    [[nodiscard]] bool fill_backlog(Lock& lock);
    void send_backlog(Lock& lock);
    void say_progress(Lock& lock);
    /// Publishes `points`; the receipt is for those that are taken.
    [[nodiscard]] Outcome hand_over(std::span<const Point> points, stage::Runs& runs, Lock& lock, bool& failed);
    void count_memory_only(const stage::Runs& taken);
    void note_taken(std::size_t points, SteadyTime now);
    void end_spool();

    // Called on the sending thread.
    void run();
    [[nodiscard]] bool is_due(SteadyTime now);
    /// Returns the time of the next check if nothing is due.
    [[nodiscard]] SteadyTime next_time(SteadyTime now) const noexcept;
    void send_batch(Lock& lock);
    void settle(const Outcome& outcome, bool failed);
    void book(const Outcome& outcome) noexcept;
    /// Puts the batch from `first` on back, before all queued points.
    void put_back(std::size_t first);
    void give_up(std::size_t points, Account::Loss why);
    void wait_before_retry();
    [[nodiscard]] bool has_flush_to_do() const;
    void flush_inner(Lock& lock);
    /// Called without the mutex.
    bool try_flush(SteadyTime deadline) noexcept;
    static void report_failure(std::string_view what) noexcept;

    const BufferedOptions options_;
    stage::QueueTime& time_;
    AnyTransmitter inner_; // the sending thread's
    const Transmitter::Traits traits_;
    const bool inner_accounts_; ///< the accounts belong to the inner transmitter, which makes the entries
    const std::shared_ptr<stage::Ledger> accounts_;
    const std::size_t threshold_;
    const base::Forks forks_;
    const std::shared_ptr<stage::Staging> staging_ = std::make_shared<stage::Staging>();

    std::mutex& mutex_; ///< the accounts'
    Account& account_;
    std::condition_variable wake_; ///< the sending thread
    std::condition_variable room_; ///< callers that wait for room
    std::condition_variable done_; ///< callers of flush and stop
    boost::circular_buffer<Point, base::PageAllocator<Point>> ring_;
    std::uint64_t head_ = 0;
    std::size_t being_sent_ = 0; ///< of the ring's points, taken out for a publish
    std::vector<std::shared_ptr<Flush>> flushes_;
    bool may_stage_;
    bool closed_ = false;  ///< nothing is accepted
    bool stopped_ = false; ///< nothing is sent any more
    bool gone_ = false;    ///< the receiver is
    bool ended_ = false;   ///< the sending thread is about to return
    SteadyTime end_by_ = SteadyTime::max();

    std::uint64_t send_until_ = 0;         ///< points before this one are sent without waiting for more
    SteadyTime since_ = SteadyTime::max(); ///< the time since which points wait that are not due yet; max: from now
    SteadyTime due_ = SteadyTime::max();   ///< the time when they are due; max: not known yet
    SteadyTime retry_at_ = SteadyTime::min();
    unsigned failures_ = 0; ///< in a row
    bool flush_had_its_turn_ = false;
    std::size_t most_lately_ = 0;                          ///< the most points in the ring since its room was checked
    SteadyTime look_at_room_ = SteadyTime::max();          ///< the next check; max: the room is too small for one
    std::vector<Point, base::PageAllocator<Point>> batch_; // the sending thread's, without the mutex

    stage::Runs runs_;       // of the ring, with a spool
    stage::Runs batch_runs_; // of the batch
    stage::BacklogPace pace_;
    stage::BacklogProgress progress_;
    std::vector<Point> backlog_; // from `backlog_at_` on, taken from the spool and not sent yet
    std::size_t backlog_at_ = 0;
    stage::Runs backlog_runs_;
    bool was_fresh_ = false; // the last sent points were new ones
    SteadyTime backlog_retry_at_ = SteadyTime::min();
    SteadyTime refusing_since_ = SteadyTime::max(); // the time since which the receiver takes nothing
    bool is_stalled_ = false;                       // it has taken nothing for a while
    std::uint64_t memory_only_ = 0;                 // points that the receiver may have, and the spool has not
    std::uint64_t spool_opened_ = 0;                // how often, when these were counted
    std::unique_ptr<stage::QueueSpool> spool_;

    std::optional<stage::Ledger::LateEntries> late_entries_; ///< the staged points

    std::thread::id sender_;
    std::thread thread_;
};

} // namespace tickertape
