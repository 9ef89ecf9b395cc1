// SPDX-License-Identifier: MIT
/// \file
/// Ledger: the accounts of a chain of a queue and a transmitter, entry by entry.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <tickertape/accounts.hpp>
#include <tickertape/transmitter.hpp>

#include "base/forks.hpp"
#include "stage/receipt.hpp"

namespace tickertape {

class Buffered;

namespace stage {

/// The accounts of a chain of a queue and a transmitter that holds points until they are acknowledged. Each move of points
/// from one place to another is one entry, so that the accounts balance at every moment. A transmitter with accounts
/// gives them to a queue in front of it through `Transmitter::accounts`.
///
/// In the child of a fork an inherited ledger is empty.
///
/// When the last part of the chain releases it, it reports on stderr how many points were dropped unsent.
///
/// Thread safety: all members may be called from any thread.
class Ledger {
public:
    /// The points of a queue that it has not entered yet. While this object lives, `now` first calls `enter_all` under the mutex. A
    /// ledger may have several, because several queues may share a transmitter.
    class LateEntries {
    public:
        /// Borrows the ledger.
        LateEntries(Ledger& ledger, std::function<void()> enter_all);
        LateEntries(const LateEntries&) = delete;
        LateEntries& operator=(const LateEntries&) = delete;
        ~LateEntries();

    private:
        friend class Ledger;

        Ledger& ledger_;
        const std::function<void()> enter_all_;
    };

    Ledger() = default;
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;
    ~Ledger();

    /// Nothing is reported at the end; for owners that show the account themselves.
    void keep_quiet();

    [[nodiscard]] Account now() const;
    [[nodiscard]] bool may_lose_acked() const;

    /// From now on the transmitter gets its points from a queue that uses the same
    /// accounts. If `callers_wait` (Overflow::block), callers wait while the queue is full.
    void put_queue_in_front(bool callers_wait = false);
    [[nodiscard]] bool callers_wait() const;

    /// \name Entries of a queue
    /// @{
    void enqueue(std::uint64_t points);
    /// Drops points that are in the queue.
    void drop_queued(std::uint64_t points, Account::Loss why);
    /// Drops points that were handed over and never queued.
    void drop_new(std::uint64_t points, Account::Loss why);
    void refuse_new(std::uint64_t points, Reason why);
    /// @}

    /// \name Entries of a queue's spool
    /// @{
    /// Points that an earlier process left, or that have to be sent once more.
    void recover(std::uint64_t points);
    /// Moves batches of `points` points in all to the disk. They were given back, at least in part, and each batch waits there as a whole.
    void leave_given_back(std::uint64_t points);
    /// Drops points that wait on disk.
    void drop_spooled(std::uint64_t points, Account::Loss why);
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
    void drop(std::uint64_t points, Account::Loss why);
    void resend(std::uint64_t points);
    /// Notes that a receiver may have died, and may have lost the points that it acknowledged last.
    void note_outage();
    /// Sets whether the receiver may lose acknowledged points when it dies, and stores a repeated point over the first one. A
    /// spool then keeps the points that were acknowledged last, unless its options say otherwise.
    void set_may_lose_acked(bool may_lose);
    /// Sets taken points aside; `take_back` returns them to be sent.
    void set_aside(std::uint64_t points);
    void take_back(std::uint64_t points);
    /// Rejects points that were set aside.
    void reject_set_aside(std::uint64_t points, Reason why);
    /// Call it in `publish`, and hold the result for as long as the transmitter holds any of the points of that call. A
    /// spool forgets points when the last holder has released their receipt. Null without a spool.
    [[nodiscard]] std::shared_ptr<Receipt> receipt() const noexcept { return receipt_; }
    /// Gives points back to the spool, with their receipts.
    void give_back(std::uint64_t points);
    /// @}

private:
    void end_unsettled(std::uint64_t& place, std::uint64_t points, std::uint64_t& otherwise);

    friend class tickertape::Buffered; // its queue is under the same mutex, so that a point costs one lock

    /// Returns whether a parent of this process made it: then its mutex may be held for ever, and is not taken.
    [[nodiscard]] bool is_inherited() const noexcept { return forks_.is_child(); }
    [[nodiscard]] std::unique_lock<std::mutex> hold() const;

    const base::Forks forks_;
    mutable std::mutex mutex_;
    Account account_;
    std::vector<const LateEntries*> late_entries_;
    bool has_queue_ = false;
    bool callers_wait_ = false; // for room in the queue
    bool is_quiet_ = false;
    bool may_lose_acked_ = false;      // the receiver may lose them
    std::shared_ptr<Receipt> receipt_; // the publishing thread's
    std::uint64_t given_back_ = 0;     // of account_.spooled: their receipts are still held by others
    bool leaves_to_spool_ = false;     // unsettled points stay in the spool, except those that `not_spooled_` counts
    std::uint64_t not_spooled_ = 0;    // the number of unsettled points that are not in the spool
};

} // namespace stage
} // namespace tickertape
