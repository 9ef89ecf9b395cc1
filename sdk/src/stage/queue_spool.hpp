// SPDX-License-Identifier: MIT
/// \file
/// QueueSpool: the store of a queue, and the thread that maintains it.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <tickertape/accounts.hpp>
#include <tickertape/point.hpp>
#include <tickertape/spool_options.hpp>

#include "base/syscalls.hpp"
#include "spool/points.hpp"
#include "spool/store.hpp"
#include "stage/receipt.hpp"
#include "stage/runs.hpp"

namespace tickertape::stage {

/// Writes points to disk before they are queued, and forgets them when they are settled. While the folder cannot be
/// used, points are in memory only; a message reports that, and the folder is tried again.
///
/// A thread records settled and left points, syncs, and checks the limits, so that neither callers nor the sending thread
/// wait for the disk.
///
/// Thread safety: all members may be called from any thread; `take` by one thread at a time.
class QueueSpool {
public:
    /// Waits for another process to release the folder, as the options say. `wake` is called when points may be taken.
    QueueSpool(SpoolOptions options, std::shared_ptr<stage::Ledger> accounts, base::Syscalls& syscalls,
               std::function<void()> wake);
    QueueSpool(const QueueSpool&) = delete;
    QueueSpool& operator=(const QueueSpool&) = delete;
    ~QueueSpool();

    /// Writes points. Returns their places; points that could not be written are in memory only.
    [[nodiscard]] Runs append(std::span<const Point> points, SteadyTime now);
    /// Returns whether a run can be left to the spool.
    [[nodiscard]] bool holds(const Run& run) const;
    [[nodiscard]] bool is_open() const { return store() != nullptr; }
    /// When it changes, earlier runs do not describe points on disk any more.
    [[nodiscard]] std::uint64_t times_opened() const { return times_opened_; }
    /// Settles points: they need not be kept any longer.
    void settle(Runs runs);
    /// Leaves points to the spool: they wait on disk from now on. `holds` must be true for all of them.
    void leave(Runs runs);
    /// Reads points that wait, of one or a few records.
    [[nodiscard]] Runs take(std::vector<Point>& points, std::size_t enough);
    /// Makes the receipt of a batch, from the places of its points. After `end` receipts settle nothing, because unsent points are
    /// released then.
    class BatchReceipt;
    [[nodiscard]] std::shared_ptr<BatchReceipt> make_receipt(const Runs& batch);
    /// From now on receipts settle nothing.
    void end();

private:
    /// The part that receipts share. It outlives the queue as long as there are receipts.
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        std::map<std::uint64_t, Runs> settled; // by receipts; the key is their number of outages
        Runs given_back;                       // by receipts
        Runs voided;                           // settled whatever happens
        Runs left;
        bool is_over = false; // receipts settle nothing any more
        bool ends = false;    // the thread has to end
    };

    [[nodiscard]] spool::Trouble open();
    void run();
    void apply();
    void forget();
    void keep_or_settle(Runs acknowledged, std::chrono::seconds keep, SteadyTime when);
    void forget_oldest_kept(std::chrono::seconds keep);
    void forget_kept();
    void send_again();
    void send_again(Runs runs);
    void leave_given_back(Runs runs);
    static void settle_in_store(const Runs& runs);
    void look_after();
    void count_losses(const spool::Store& store);
    void say(const spool::Trouble& trouble);
    void say_written();
    [[nodiscard]] std::shared_ptr<spool::Store> store() const;
    void replace(std::shared_ptr<spool::Store> store);

    const SpoolOptions options_;
    const std::string path_;
    const std::shared_ptr<stage::Ledger> accounts_;
    base::Syscalls& syscalls_;
    const std::function<void()> wake_;
    const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();

    mutable std::mutex store_mutex_;
    std::shared_ptr<spool::Store> store_; // null: in memory
    bool is_in_memory_ = false;           // points are in memory only, and a message said so
    std::atomic<std::uint64_t> times_opened_{0};

    std::mutex append_mutex_;
    spool::Encoder encoder_;
    spool::Decoder decoder_; // used by `take` only
    // Used by the thread only:
    std::deque<std::pair<SteadyTime, Runs>> kept_; // acknowledged so recently that the receiver may lose them
    std::uint64_t kept_points_ = 0;
    std::uint64_t outages_ = 0;                             // outages that were handled
    std::array<std::uint64_t, spool::store_losses> lost_{}; // losses of store_ that are already counted
    SteadyTime open_at_ = SteadyTime::min();
    SteadyTime closed_since_; // the time since there is no store

    std::thread thread_;
};

class QueueSpool::BatchReceipt final : public Receipt {
public:
    BatchReceipt(std::shared_ptr<Shared> shared, std::uint64_t outages)
        : shared_{std::move(shared)}, outages_{outages} {}
    BatchReceipt(const BatchReceipt&) = delete;
    BatchReceipt& operator=(const BatchReceipt&) = delete;
    ~BatchReceipt() override;

    /// Sets the points of the receipt. Only its maker calls this, while it holds the receipt.
    void stand_for(Runs runs) { runs_ = std::move(runs); }

private:
    std::shared_ptr<QueueSpool::Shared> shared_;
    std::uint64_t outages_; // before it was made
    Runs runs_;
};

} // namespace tickertape::stage
