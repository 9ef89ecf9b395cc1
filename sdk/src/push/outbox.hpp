// SPDX-License-Identifier: MIT
/// \file
/// Outbox: the points between the threads that give them to an engine and the engine's thread, which sends them.
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
    /// The most bytes that an engine holds, in doubt or about to be sent.
    std::size_t window = 0;
    QuarantineOptions quarantine{};
    /// Does whatever can be done now, on the engine's thread.
    std::function<void()> pump{};
    /// Whether the engine wants to be pumped now and then, also while nothing is in quarantine.
    std::function<bool()> wants_look = [] { return false; };
};

/// The window of an engine, its flush, and its quarantine. `Outbox` adds the batches.
///
/// Thread safety: the first group by any thread, the others by the engine's thread alone.
class OutboxCore {
public:
    OutboxCore(boost::asio::io_context& context, OutboxOptions options, std::shared_ptr<stage::Ledger> accounts);

    /// Waits until `deadline` for room for `bytes` more; returns whether there is room. Points with receipts wait for a connection,
    /// too: in their spool they do not delay newer points once there is a connection.
    [[nodiscard]] bool wait_for_room(std::size_t bytes, SteadyTime deadline);
    /// Waits until no point is held or set aside; returns false at the deadline. Points set aside get one last try, and are then
    /// rejected.
    [[nodiscard]] bool flush(SteadyTime deadline);
    [[nodiscard]] bool is_flushing() const noexcept { return is_flushing_; }
    /// The first point that was refused for good, quoted; empty if there is none.
    [[nodiscard]] std::string first_refused() const;

    /// Whether there is a connection, or there will be one in a moment.
    void set_connected(bool is_connected);
    /// Whether a caller waits for a connection to give points.
    [[nodiscard]] bool is_awaited() const noexcept { return is_awaited_; }
    void take_room(std::size_t bytes);
    void leave_room(std::size_t bytes);
    /// Gives points back to the spool, where they do not delay newer points; `sent`: whether they were sent before.
    void give_back(std::size_t points, std::size_t bytes, const Receipts& receipts, Sent sent);
    /// Keeps the first one, to show it.
    void note_refused(std::string_view point);

    [[nodiscard]] const Quarantine& quarantine() const noexcept { return quarantine_; }
    /// A new point of a series in quarantine waits there, too. Its room is left.
    void hold(std::string_view series, std::string_view point, const Receipts& receipts);
    /// A point that was refused, or failed, goes into quarantine; `key` is its series, or itself. Its room is still held.
    void set_aside(std::string_view key, std::string_view point, const Receipts& receipts);
    /// Every series is to be asked for at once.
    void all_due() noexcept { quarantine_.all_due(); }
    /// Takes all points of a series out of quarantine; they hold room again.
    [[nodiscard]] PutPoints release(std::string_view series);
    /// Looks from time to time whether something is due, as long as something waits.
    void look_later();

    /// Whether `has_probe` is worth a call.
    [[nodiscard]] bool wants_to_probe() const;
    /// Whether there is a probe to be sent now.
    [[nodiscard]] bool has_probe();
    /// The next one. Its room is held until it is settled.
    [[nodiscard]] Quarantine::Probe take_probe();
    /// It was taken: its series is to be released.
    void probe_taken(std::size_t bytes);
    /// Puts back a probe that was refused, or will not be answered any more.
    void put_back(std::string_view series, std::string_view point, const Receipts& receipts, bool is_refused);

    /// At the end: rejects the points in quarantine, and those about to be sent from there.
    void reject_all();

protected:
    void request_pump();
    [[nodiscard]] stage::Ledger& accounts() noexcept { return *accounts_; }
    [[nodiscard]] std::mutex& mutex() noexcept { return mutex_; }
    /// With the mutex held: counts `bytes` more as given. Returns whether a pump has to be requested.
    [[nodiscard]] bool hold_given(std::size_t bytes);
    /// With the mutex held: the engine has taken the given points.
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
    std::deque<Quarantine::Probe> probes_; // due, and not sent yet
    std::size_t probes_sent_ = 0;          // and not settled yet

    std::atomic<bool> is_ending_{false}; // points set aside get their last try
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

/// With the batches that were given, and are not taken yet.
template <class Batch>
class Outbox : public OutboxCore {
public:
    using OutboxCore::OutboxCore;

    /// Takes `points` points over, for which there is room. By any thread.
    void give(Batch batch, std::size_t points, std::size_t bytes) {
        const std::lock_guard lock{mutex()};
        accounts().take(points);
        const bool is_first = hold_given(bytes);
        given_.push_back(std::move(batch));
        if (is_first) {
            request_pump();
        }
    }
    /// All that was given since. By the engine's thread.
    [[nodiscard]] std::deque<Batch> take_given() {
        const std::lock_guard lock{mutex()};
        note_taken();
        return std::exchange(given_, {});
    }

private:
    std::deque<Batch> given_;
};

} // namespace tickertape::push
