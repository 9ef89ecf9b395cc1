// SPDX-License-Identifier: MIT
/// \file
/// Buffered: a bounded queue in front of a transmitter, and the thread that empties it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include <tickertape/accounts.hpp>
#include <tickertape/spool_options.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

namespace stage {
class QueueTime;
struct BufferedAccess;
} // namespace stage

/// The policy for points that come while the queue is full.
enum class Overflow : std::uint8_t {
    drop_oldest, ///< the oldest queued points make room
    drop_newest, ///< the points that come are dropped
    block,       ///< the caller waits for room
};

/// The immediate result for one point. `account()` has its later fate.
enum class Sent : std::uint8_t {
    queued,
    displaced_oldest, ///< queued; the oldest queued point was dropped
    dropped,          ///< the queue is full and the policy is drop_newest
    closed,           ///< the queue is closed: it accepts no more points
    spooled,          ///< queued, and written to the spool: it outlives this process
    duplicate, ///< TsdClient: its series has a point in that second already (or millisecond): the first one counts
    invalid,   ///< TsdClient: an illegal name, too many tags, no tag, nan or infinite; reported once on stderr
};

struct BufferedOptions {
    /// The most points that the queue holds. Points that are being sent count too, except with drop_oldest, where they count
    /// only if sending fails; then they are the oldest. With a spool, memory also holds the part of the backlog that is being
    /// sent: at most the same number of points and at most 1,024, rounded up to a whole record of the spool. 0: UsageError.
    std::size_t max_buffer_size = 1000;
    /// The longest time for which points are collected before they are sent together. The queue is sent earlier when it is 90 % full or
    /// has `max_batch_size` points. 0 or less: UsageError.
    std::chrono::milliseconds max_flush_interval{10'000};
    Overflow overflow = Overflow::drop_oldest;
    /// The longest time for which the destructor goes on sending queued points. 0: none. Negative: UsageError.
    std::chrono::milliseconds linger{3'000};
    /// The most points of one `publish` to the inner transmitter. 0: UsageError.
    std::size_t max_batch_size = 4096;
    /// Shifts each flush to this time after the multiples of the interval since the epoch of the steady clock, so that
    /// many hosts do not send at once. Below 0: a flush happens `max_flush_interval` after the first waiting point came.
    std::chrono::milliseconds phase{-1};
    /// Keeps waiting points on disk, so that they outlive the process. Points for which the queue has no room, or that have waited for a
    /// second while the inner transmitter accepts nothing, are on disk only, so no overflow drops them. When the receiver is back, new
    /// points go first, and the backlog in parallel.
    SpoolOptions spool{};
};
static_assert(std::is_aggregate_v<BufferedOptions>);

/// Queues points, and publishes them to the inner transmitter from its own thread, in batches. Points of
/// one thread stay in order. Points of several threads may be sent in the order of their timestamps; equal
/// timestamps in any order. A failed batch stays at the head. Callers never wait for the inner transmitter
/// (except with Overflow::block). It may be slow, throw, or call this object: no lock is held meanwhile.
///
/// Every loss is counted: `account()` balances at every moment. If the
/// inner transmitter keeps accounts, too, both return the same account.
///
/// With a spool, points are accepted once they are written to it, and sent at least once, also after a kill. The spool forgets a point
/// when the inner transmitter releases its receipt, or, without accounts, when the inner transmitter accepts it. Points
/// that cannot be written are still accepted, in memory; a message reports that.
///
/// In the child of a fork it accepts and sends nothing, and reports that once on stderr; only the parent goes on.
///
/// Thread safety: all members may be called from any thread. The inner transmitter is called by one thread.
class Buffered final : public Transmitter {
public:
    /// Throws UsageError when an option is out of its range. Waits for another process that uses the same spool: see
    /// SpoolOptions::wait_for_owner.
    explicit Buffered(AnyTransmitter inner, const BufferedOptions& options = {});
    Buffered(Buffered&&) noexcept;
    Buffered& operator=(Buffered&&) noexcept;
    /// Sends queued points and flushes the inner transmitter, for at most `linger` in all. Points that are then
    /// unsent stay in the spool, or are dropped and counted as Account::Loss::shutdown. Takes no longer than `linger` and one `publish` of
    /// the inner transmitter; if that blocks for ever, so does this.
    ~Buffered() override;

    /// Queues points. Blocks only with Overflow::block: until there is room, or until `close` or `stop`; with a spool, no longer than
    /// the inner transmitter accepts points. After `close` or `stop`: `Outcome::closed`. `Outcome::spooled` of the points are on disk.
    Outcome publish(std::span<const Point> points) override;

    /// Queues one point. Does not allocate while the queue has the room; memory that was not used for half
    /// a minute is freed. With a spool each call writes to the disk; `publish` writes many points at once.
    Sent add(Point point);

    /// Sends all points that are queued now, without waiting for the interval, and flushes the inner transmitter. Does not wait for points
    /// that are on disk only. Returns true if all points that were queued at the call were sent and flushed before
    /// the deadline. Returns false at once after `stop`, and when it is called from within the inner transmitter.
    bool flush(SteadyTime deadline) override;

    /// No more points are accepted; the queued ones are still sent, at once.
    void close();
    /// No more points are accepted, and the queued ones are dropped, counted as Account::Loss::shutdown. Returns
    /// when the inner transmitter's `publish` has returned; at once if it is called from within that `publish`.
    void stop();

    /// `max_buffer_size`.
    [[nodiscard]] std::size_t limit() const noexcept;
    /// Returns the number of points for which there is room now.
    [[nodiscard]] std::size_t remaining_capacity() const;

    [[nodiscard]] Account account() const;
    [[nodiscard]] std::shared_ptr<stage::Ledger> accounts() const override;
    /// `takes_at_once` is true.
    [[nodiscard]] Transmitter::Traits traits() const noexcept override;

private:
    friend struct stage::BufferedAccess;
    class Queue;
    Buffered(AnyTransmitter inner, const BufferedOptions& options, stage::QueueTime& time);

    std::unique_ptr<Queue> queue_; // null only when moved from
};

} // namespace tickertape
