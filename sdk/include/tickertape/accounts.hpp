// SPDX-License-Identifier: MIT
/// \file
/// Accounts: what became of every point that was handed over to be pushed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <type_traits>

#include <tickertape/transmitter.hpp>

namespace tickertape {

/// Why points were given up that nobody had refused.
enum class Loss : std::uint8_t {
    queue_full,    ///< more came than the queue holds, while the receiver took none or too few
    shutdown,      ///< they were still unsent when the sender was told to end
    spool_full,    ///< the oldest of a spool that reached its limit
    spool_age,     ///< they waited in a spool for longer than they may
    spool_damaged, ///< they cannot be read back from a spool
    spool_gone,    ///< the folder of a spool was removed with them
};
inline constexpr std::size_t losses = 6;
[[nodiscard]] std::string_view describe(Loss loss) noexcept;

/// One moment of Accounts. Every point is in exactly one of these places:
/// `accepted + recovered == acked + unconfirmed + rejected + dropped + queued + spooled + set_aside + in_flight`.
struct Account {
    std::uint64_t accepted = 0; ///< all that were handed over
    /// Came back from a spool: an earlier process left them there, some of them perhaps already sent.
    std::uint64_t recovered = 0;
    std::uint64_t acked = 0; ///< the receiver has them; how sure that is, the transmitter says
    std::uint64_t unconfirmed =
        0; ///< sent and not answered: the connection died before the receiver could be known to have read them
    std::array<std::uint64_t, reasons> rejected{}; ///< refused for good, by Reason
    std::array<std::uint64_t, losses> dropped{};   ///< given up, by Loss
    std::uint64_t queued = 0;                      ///< wait to be sent, in memory; with a spool on disk, too
    std::uint64_t spooled = 0;                     ///< wait to be sent, on disk alone
    std::uint64_t set_aside =
        0; ///< of series that the receiver refuses: kept unsent, while one point of each asks now and then
    std::uint64_t in_flight = 0; ///< sent or about to be, and not answered yet
    std::uint64_t resent = 0;    ///< sent once more, as an answer was missing; counted beside the places
    std::uint64_t outages = 0;   ///< how often a receiver was away: a connection was lost, and then it refused one

    [[nodiscard]] std::uint64_t rejected_for(Reason reason) const noexcept {
        return rejected[static_cast<std::size_t>(reason)];
    }
    [[nodiscard]] std::uint64_t dropped_for(Loss loss) const noexcept {
        return dropped[static_cast<std::size_t>(loss)];
    }
    [[nodiscard]] std::uint64_t all_rejected() const noexcept;
    [[nodiscard]] std::uint64_t all_dropped() const noexcept;
    /// Whether the sum above holds. It always does.
    [[nodiscard]] bool balanced() const noexcept;
};
static_assert(std::is_aggregate_v<Account>);

/// The accounts of a chain of a queue and a transmitter that holds points until they are acknowledged. Each move of points
/// from one place to another is one entry, so that the accounts balance at every moment. A transmitter with accounts
/// gives them to a queue in front of it through `Transmitter::accounts`.
///
/// Thread safety: all members may be called from any thread.
class Accounts {
public:
    [[nodiscard]] Account now() const;

    /// From now on points come to the transmitter out of a queue that uses the same accounts.
    void put_queue_in_front();

    /// \name Entries of a queue
    /// @{
    void enqueue(std::uint64_t points);
    /// Out of the queue.
    void drop_queued(std::uint64_t points, Loss why);
    /// Handed over, but never queued.
    void drop_new(std::uint64_t points, Loss why);
    void refuse_new(std::uint64_t points, Reason why);
    /// @}

    /// \name Entries of a queue's spool
    /// @{
    /// Points that an earlier process left, or that have to be sent once more.
    void recover(std::uint64_t points);
    /// Gives up points that wait on disk.
    void drop_spooled(std::uint64_t points, Loss why);
    /// @}

    /// \name Entries of the transmitter
    /// @{
    /// Takes points over, from the queue if there is one.
    void take(std::uint64_t points);
    /// Refuses points instead of taking them over.
    void refuse(std::uint64_t points, Reason why);
    void ack(std::uint64_t points);
    void unconfirm(std::uint64_t points);
    void reject(std::uint64_t points, Reason why);
    void drop(std::uint64_t points, Loss why);
    void resend(std::uint64_t points);
    /// A receiver may have died, and lost what it acknowledged last.
    void note_outage();
    /// Puts points aside that were taken over, and has them back to be sent.
    void set_aside(std::uint64_t points);
    void take_back(std::uint64_t points);
    /// Gives points up that were set aside.
    void reject_set_aside(std::uint64_t points, Reason why);
    /// To be asked for in `publish`, and held for as long as the transmitter holds any of the points that it then took. A
    /// spool forgets points when nobody holds their receipt any more. Null without a spool.
    [[nodiscard]] std::shared_ptr<const void> receipt() const noexcept { return receipt_; }
    /// @}

private:
    void end_unsettled(std::uint64_t& place, std::uint64_t points, std::uint64_t& otherwise);

    friend class Buffered; // its queue is under the same mutex, so that a point costs one lock

    mutable std::mutex mutex_;
    Account account_;
    bool has_queue_ = false;
    std::shared_ptr<const void> receipt_; // the publishing thread's
    bool leaves_to_spool_ = false;        // what is not settled yet stays in the spool, but for
    std::uint64_t not_spooled_ = 0;       // so many points
};

} // namespace tickertape
