// SPDX-License-Identifier: MIT
/// \file
/// TelnetEngine: sends lines to one of several TSDs, on a thread of its own.
#pragma once

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <tickertape/accounts.hpp>
#include <tickertape/push_status.hpp>
#include <tickertape/target.hpp>
#include <tickertape/time.hpp>

#include "push/dialer.hpp"
#include "push/outbox.hpp"
#include "push/rate_limit.hpp"
#include "push/telnet_connection.hpp"

namespace tickertape::push {

struct TelnetOptions {
    std::uint32_t lines_per_second = 0; ///< 0: no limit
    /// Repeat lines also at a receiver without a barrier, which may have read them.
    bool resend_unconfirmed = false;
    /// The most bytes that the engine holds, waiting or unanswered.
    std::size_t window = std::size_t{1024} * 1024;
    /// The longest time without a sign of life from a connection while an answer is due.
    std::chrono::milliseconds patience{30'000};
    /// The longest use of a connection, so that the engine notices when a name gets another address.
    std::chrono::milliseconds connection_age{600'000};
    QuarantineOptions quarantine{};
    DialerOptions dialer{};
};

/// Takes batches of whole lines, and delivers each line to a receiver or counts it as lost.
///
/// Its behaviour depends on the target. It sends one line and `version` to an unknown target, and half-closes the connection. The
/// receiver then closes its side, with or without an answer, which shows its kind without a time limit. A receiver that answers
/// gets a `version` after each batch; lines that are unanswered when a connection dies are repeated, byte for byte. For a
/// receiver that does not answer, the engine half-closes a connection after a quarter of the window and when lines get old, and
/// the receiver's own close is the answer; lines that are unanswered when a connection dies are `unconfirmed`.
///
/// Refused lines do not delay others. Series with unknown names, and lines that fail repeatedly
/// while the receiver accepts others, go into quarantine; other refused lines are rejected at once.
///
/// Thread safety: `give` and `flush` by one thread at a time; all other functions may be called from any thread.
class TelnetEngine {
public:
    TelnetEngine(Targets targets, TelnetOptions options, std::shared_ptr<stage::Ledger> accounts);
    TelnetEngine(const TelnetEngine&) = delete;
    TelnetEngine& operator=(const TelnetEngine&) = delete;
    /// Ends at once. Unanswered lines become `unconfirmed`, unsent lines are dropped, and lines in quarantine are rejected.
    ~TelnetEngine();

    /// Waits until `deadline` for room for `bytes` more. Returns whether there is room.
    [[nodiscard]] bool wait_for_room(std::size_t bytes, SteadyTime deadline) {
        return outbox_.wait_for_room(bytes, deadline);
    }
    /// Takes lines: at most `most_lines()`, for which the caller has waited for room.
    void give(LineBatch batch);
    /// Returns the most lines of a batch.
    [[nodiscard]] std::uint32_t most_lines() const noexcept { return most_lines_; }
    /// Returns the most bytes of a batch. A longer line is a batch by itself.
    [[nodiscard]] static constexpr std::size_t most_bytes() noexcept { return std::size_t{128} * 1024; }

    /// Waits until all given lines are answered. Lines in quarantine get one last try, and are then rejected. Returns false at
    /// the deadline.
    [[nodiscard]] bool flush(SteadyTime deadline) { return outbox_.flush(deadline); }

    [[nodiscard]] PushStatus status() const;

private:
    // The acknowledged bytes that prove that a target works which confirms only by closing.
    static constexpr std::size_t proof = std::size_t{64} * 1024;
    // The most connections whose end is awaited, beside the one in use. All of them share the window.
    static constexpr std::size_t most_finishing = 1;
    static constexpr std::size_t first_segment = std::size_t{64} * 1024;
    static constexpr std::size_t cautious_segment = std::size_t{8} * 1024; // after a loss

    enum class Barrier : std::uint8_t { unknown, version, none };
    /// The facts that are known about a target.
    struct TargetKnowledge {
        Barrier barrier = Barrier::unknown;
        bool has_answered = false;           ///< it has answered a `version`, so unanswered lines may be repeated
        std::uint64_t acks = 0;              ///< batches of which it accepted at least one line
        std::uint32_t refused = 0;           ///< refused lines, as long as it has accepted none
        unsigned barren = 0;                 ///< connections in a row over which it accepted nothing
        std::size_t segment = first_segment; ///< bytes before a half-close; grows while all is confirmed
    };
    struct Replies {
        std::uint64_t count = 0;
        std::string sample{};
    };

    void pump();
    void give_back();
    void dial();
    void connected(std::shared_ptr<Stream> stream, std::size_t target);
    void listen(unsigned barren);
    void probe(bool work);
    void finish_when_quiet();
    void go_on_with_barrier();
    void go_on_without_barrier();
    void finish_active();
    [[nodiscard]] bool may_send_now(std::uint32_t lines);
    [[nodiscard]] bool has_work();
    [[nodiscard]] LineBatch take_work();
    void send(LineBatch batch, bool barrier);

    bool send_probe();
    void set_aside_held(LineBatch& batch);
    void settle_probe(TelnetConnection& connection);
    void put_back(const LineBatch& probe, bool is_refused);
    void release(std::string_view series);
    [[nodiscard]] std::uint32_t set_aside_unknown(const LineBatch& batch);
    void repeat_later(LineBatch batch, std::size_t target);
    void took_some(TelnetConnection& connection);

    void replied(TelnetConnection& connection, ReplyKind kind, std::string_view text);
    void answered(TelnetConnection& connection);
    void ended(TelnetConnection& connection, ConnectionEnd end, std::string_view why);
    /// Settles the oldest unanswered batch. Returns a message if the receiver refuses so many lines that they have to be kept.
    [[nodiscard]] std::string settle_oldest(TelnetConnection& connection);
    void lost(TelnetConnection& connection, bool keep);
    void break_off(TelnetConnection& connection, std::string_view why, bool keep);
    void forget(const TelnetConnection& connection);
    [[nodiscard]] Barrier barrier_of(const TelnetConnection& connection) const {
        return known_[connection.target()].barrier;
    }
    void learn(std::size_t target, Barrier barrier);

    TelnetOptions options_;
    std::uint32_t most_lines_;
    std::shared_ptr<stage::Ledger> accounts_;

    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    Dialer dialer_;
    RateLimit rate_;
    boost::asio::steady_timer rate_timer_;
    boost::asio::steady_timer doubt_timer_;
    boost::asio::steady_timer quiet_timer_;
    boost::asio::steady_timer listen_timer_;
    std::vector<TargetKnowledge> known_; // by target
    std::deque<LineBatch> waiting_;      // to be sent; repeated ones come first
    std::shared_ptr<TelnetConnection> active_;
    std::vector<std::shared_ptr<TelnetConnection>> finishing_; // half-closed; their ends are awaited
    bool is_probing_ = false;                                  // over active_, then over finishing_
    bool is_listening_ = false;                                // to active_, before the first line
    bool is_due_ = false;                                      // active_ has old unanswered lines
    const TelnetConnection* quieting_ = nullptr;               // the connection that waits for its half-close
    bool is_quiet_ = false;                                    // active_ has waited for a moment before its half-close
    std::size_t batch_limit_ = most_bytes(); // shrinks when connections end before a batch is answered

    bool probe_is_next_ = false; // probes and other work take turns
    std::size_t last_target_ = 0;
    bool is_over_ = false; // nothing more is sent
    SteadyTime born_{};    // when active_ was made

    mutable std::mutex mutex_;
    std::array<Replies, reply_kinds> replies_{}; // guarded by the mutex above
    Outbox<LineBatch> outbox_;

    std::thread thread_; // last, because it uses the others
};

} // namespace tickertape::push
