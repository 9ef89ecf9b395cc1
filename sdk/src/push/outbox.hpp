// SPDX-License-Identifier: MIT
/// \file
/// Outbox: the points between the threads that give them to an engine and the engine's thread that sends them.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <tickertape/accounts.hpp>
#include <tickertape/time.hpp>

#include "push/quarantine.hpp"
#include "push/sent.hpp"
#include "stage/ledger.hpp"

namespace tickertape::push {

struct OutboxOptions {
    /// The most bytes that the engine holds, waiting or unanswered.
    std::size_t window = 0;
    QuarantineOptions quarantine{};
    /// Does everything that can be done now, on the engine's thread.
    std::function<void()> pump{};
    /// Returns whether the engine wants a call of `pump` now and then even without a quarantine.
    std::function<bool()> wants_look = [] { return false; };
};

/// The window of an engine, its flush, and its quarantine. `Outbox` adds the batches.
///
/// Thread safety: any thread may call the first group of functions; only the engine's thread may call the others.
class OutboxCore {
public:
    OutboxCore(boost::asio::io_context& context, OutboxOptions options, std::shared_ptr<stage::Ledger> accounts);

    /// Waits until `deadline` for room for `bytes` more. Returns whether there is room. Points with receipts also wait for a
    /// connection: in their spool they do not delay newer points once there is one.
    [[nodiscard]] bool wait_for_room(std::size_t bytes, SteadyTime deadline);
    /// Waits until no point is held or in quarantine. Points in quarantine get one last try, and are then rejected. Returns false
    /// at the deadline.
    [[nodiscard]] bool flush(SteadyTime deadline);
    [[nodiscard]] bool is_flushing() const noexcept { return is_flushing_; }
    /// Returns the first point that was refused for good, in quotes; empty if there is none.
    [[nodiscard]] std::string first_refused() const;

    /// Sets whether there is a connection, or there will be one in a moment.
    void set_connected(bool is_connected);
    /// Returns whether a caller waits for a connection to give points.
    [[nodiscard]] bool is_awaited() const noexcept { return is_awaited_; }
    void take_room(std::size_t bytes);
    void leave_room(std::size_t bytes);
    /// Gives points back to the spool, where they do not delay newer points. `sent`: whether they were sent before.
    void give_back(std::size_t points, std::size_t bytes, const Receipts& receipts, Sent sent);
    /// Keeps the first refused point, to show it.
    void note_refused(std::string_view point);

    [[nodiscard]] const Quarantine& quarantine() const noexcept { return quarantine_; }
    /// Adds a new point of a quarantined series to the quarantine. Frees its room.
    void hold(std::string_view series, std::string_view point, const Receipts& receipts);
    /// Puts a point that was refused, or that failed, into quarantine. `key` is its series, or the point itself. Does not free
    /// its room.
    void set_aside(std::string_view key, std::string_view point, const Receipts& receipts);
    /// Makes the probes of all series due at once.
    void all_due() noexcept { quarantine_.all_due(); }
    /// Takes all points of a series out of quarantine. They take up room again.
    [[nodiscard]] PutPoints release(std::string_view series);
    /// As long as points wait, checks from time to time whether a probe is due.
    void look_later();

    /// Returns whether a call of `has_probe` makes sense.
    [[nodiscard]] bool wants_to_probe() const;
    /// Returns whether a probe can be sent now.
    [[nodiscard]] bool has_probe();
    /// Returns the next probe. It takes up room until it is settled.
    [[nodiscard]] Quarantine::Probe take_probe();
    /// The probe was accepted. The caller releases its series.
    void probe_taken(std::size_t bytes);
    /// Puts back a probe that was refused, or that will get no answer.
    void put_back(std::string_view series, std::string_view point, const Receipts& receipts, bool is_refused);

    /// Called at the end: rejects the points in quarantine, and the probes that were not sent.
    void reject_all();

protected:
    void request_pump();
    [[nodiscard]] stage::Ledger& accounts() noexcept { return *accounts_; }
    [[nodiscard]] std::mutex& mutex() noexcept { return mutex_; }
    /// Needs the mutex. Counts `bytes` more as given. Returns whether the caller must request a pump.
    [[nodiscard]] bool hold_given(std::size_t bytes);
    /// Needs the mutex. The engine has taken the given points.
    void note_taken() noexcept { pump_is_due_ = false; }

private:
    void note_set_aside(std::size_t gone);

    boost::asio::io_context& context_;
    OutboxOptions options_;
    std::shared_ptr<stage::Ledger> accounts_;

    Quarantine quarantine_;
    boost::asio::steady_timer look_timer_;
    bool look_timer_runs_ = false;
    bool probes_are_due_ = false;
    std::deque<Quarantine::Probe> probes_; // due and unsent
    std::size_t probes_sent_ = 0;          // sent and not settled

    std::atomic<bool> is_ending_{false}; // points in quarantine get their last try
    std::atomic<bool> is_flushing_{false};
    std::atomic<bool> is_awaited_{false};
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t held_bytes_ = 0;
    std::size_t set_aside_ = 0; // points in quarantine_
    std::string first_refused_{};
    bool pump_is_due_ = false;
    bool is_connected_ = false;
};

/// Adds the batches that were given and that the engine has not taken yet.
template <class Batch>
class Outbox : public OutboxCore {
public:
    using OutboxCore::OutboxCore;

    /// Takes `points` points, for which there is room. Any thread may call it.
    void give(Batch batch, std::size_t points, std::size_t bytes) {
        std::unique_lock lock{mutex()};
        accounts().take(points);
        const bool is_first = hold_given(bytes);
        given_.push_back(std::move(batch));
        lock.unlock(); // the engine's thread would wait for it at once
        if (is_first) {
            request_pump();
        }
    }
    /// Returns everything that was given since the last call. Only the engine's thread may call it.
    [[nodiscard]] std::deque<Batch> take_given() {
        const std::lock_guard lock{mutex()};
        note_taken();
        return std::exchange(given_, {});
    }

private:
    std::deque<Batch> given_;
};

} // namespace tickertape::push
