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

/// What happens to points that find the queue full.
enum class Overflow : std::uint8_t {
    drop_oldest, ///< the oldest queued points make room
    drop_newest, ///< the points that come are dropped
    block,       ///< the caller waits for room
};

/// What became of one point at once; what becomes of it later, the account tells.
enum class Sent : std::uint8_t {
    queued,
    displaced_oldest, ///< queued, and the oldest queued point dropped for it
    dropped,          ///< the queue is full and the policy is drop_newest
    closed,           ///< nothing is accepted any more
    spooled,          ///< queued, and written to the spool: it outlives this process
    duplicate, ///< TsdClient: its series has a point in that second already (or millisecond): the first one counts
    invalid,   ///< TsdClient: an illegal name, too many tags, no tag, nan or infinite; reported once on stderr
};

struct BufferedOptions {
    /// The most points that are held, those included that are just being sent. With drop_oldest those do not count before
    /// they come back, and then they are the oldest. With a spool the part of the backlog that is being sent comes on top: as many
    /// points again, 1,024 at most, rounded up to a whole record of the spool. 0: UsageError.
    std::size_t max_buffer_size = 1000;
    /// How long points wait for company; the queue is sent earlier when 90 % full. 0 or less: UsageError.
    std::chrono::milliseconds max_flush_interval{10'000};
    Overflow overflow = Overflow::drop_oldest;
    /// How long the destructor goes on sending what is queued. 0: not at all. Negative: UsageError.
    std::chrono::milliseconds linger{3'000};
    /// The most points of one `publish` to the inner transmitter. 0: UsageError.
    std::size_t max_batch_size = 4096;
    /// Puts off each flush to this time after the multiples of the interval since the epoch of the steady clock, so that
    /// many hosts do not send at once; below 0: points wait `max_flush_interval` from when the first one came.
    std::chrono::milliseconds phase{-1};
    /// Keeps on disk what waits, so that it outlives the process. What the queue has no room for, or has held for a second while
    /// the inner transmitter takes nothing, waits on disk alone; so no overflow drops it. On the receiver's return new points
    /// go first, and the backlog beside them.
    SpoolOptions spool{};
};
static_assert(std::is_aggregate_v<BufferedOptions>);

/// Takes points at once and publishes them to the inner transmitter from a thread of its own, in batches and in order. A
/// batch that fails stays in front. Callers never wait for the inner transmitter (but see Overflow::block), and no lock is
/// held while it works, so it may be slow, fail, or call back.
///
/// Every loss is counted: `account()` balances at every moment. When the inner transmitter keeps accounts of its own, both
/// are the same.
///
/// With a spool, points are accepted once they are written to it, and sent at least once, also after a kill. They are forgotten
/// there when the inner transmitter lets go of them (their receipts), or takes them if it keeps no accounts. Points
/// that cannot be written are accepted all the same, in memory, which is reported.
///
/// In the child of a fork nothing is accepted or sent, which is said once on stderr; only the parent goes on.
///
/// Thread safety: all members may be called from any thread. The inner transmitter is called by one thread.
class Buffered final : public Transmitter {
public:
    /// Throws UsageError when an option is out of its range. With a spool that another process holds it waits, see
    /// SpoolOptions::wait_for_owner.
    explicit Buffered(AnyTransmitter inner, const BufferedOptions& options = {});
    Buffered(Buffered&&) noexcept;
    Buffered& operator=(Buffered&&) noexcept;
    /// Sends what is queued for at most `linger`, then flushes the inner transmitter in what is left of that time. What is
    /// unsent then stays in the spool, or is dropped and counted as Account::Loss::shutdown. Takes no longer than `linger` and one `publish` of the inner
    /// transmitter; one that blocks for ever blocks this, too.
    ~Buffered() override;

    /// Queues points. Blocks only with Overflow::block, and then until there is room, `close` or `stop`; with a spool, no longer than
    /// the inner transmitter takes points. Afterwards `Outcome::closed`. `Outcome::spooled` of them are on disk.
    Outcome publish(std::span<const Point> points) override;

    /// Queues one point. Does not allocate while the queue has the room; room that was not used for half a minute is given back. With a
    /// spool each call writes to the disk; `publish` writes many points at once.
    Sent add(Point point);

    /// Sends all that is queued now without waiting for the interval, and flushes the inner transmitter. What waits on disk
    /// alone is not waited for. Returns whether
    /// all that was queued at the call has left it, the inner transmitter's `flush` included, before the deadline. False at
    /// once after `stop`, and when the inner transmitter itself calls.
    bool flush(SteadyTime deadline) override;

    /// No more points are accepted; the queued ones are still sent, at once.
    void close();
    /// No more points are accepted, and the queued ones are dropped, counted as Account::Loss::shutdown. Returns when the inner
    /// transmitter's `publish` has returned; at once when that is what calls.
    void stop();

    /// `max_buffer_size`.
    [[nodiscard]] std::size_t limit() const noexcept;
    /// How many points fit right now.
    [[nodiscard]] std::size_t remaining_capacity() const;

    [[nodiscard]] Account account() const;
    [[nodiscard]] std::shared_ptr<stage::Ledger> accounts() const override;
    /// Takes at once.
    [[nodiscard]] Transmitter::Traits traits() const noexcept override;

private:
    friend struct stage::BufferedAccess;
    class Queue;
    Buffered(AnyTransmitter inner, const BufferedOptions& options, stage::QueueTime& time);

    std::unique_ptr<Queue> queue_; // null only when moved from
};

} // namespace tickertape
