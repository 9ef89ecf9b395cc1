// SPDX-License-Identifier: MIT
/// \file
/// TelnetEngine: lines to one of several TSDs, and the thread that does it.
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
    /// Send lines again also to a receiver without a barrier, which may have read them.
    bool resend_unconfirmed = false;
    /// The most bytes that are held here, in doubt or about to be sent.
    std::size_t window = std::size_t{1024} * 1024;
    /// How long a connection may show no sign of life while something is to be answered.
    std::chrono::milliseconds patience{30'000};
    /// How long a connection is used, so that a name that moves is followed.
    std::chrono::milliseconds connection_age{600'000};
    QuarantineOptions quarantine{};
    DialerOptions dialer{};
};

/// Takes batches of whole lines and sees to it that the receiver gets them.
///
/// Its behaviour depends on the target. The first line to an unknown target is sent with a `version` behind it, and the
/// connection is half-closed. The receiver then closes, with or without an answer, which shows its kind without a time limit. A
/// receiver that answers gets a `version` behind each batch; lines that are unanswered when a connection dies are sent again,
/// byte for byte. To a receiver that does not answer, connections are half-closed every quarter of the window and when lines get
/// old, and its own close is the answer; lines that are unanswered when a connection dies are `unconfirmed`.
///
/// Refused lines delay no others. Series whose names it does not know, and lines that it fails at again and again
/// while it takes others, go into quarantine; other refused lines are given up at once.
///
/// Thread safety: `give` and `flush` by one thread at a time, all else by any thread.
class TelnetEngine {
public:
    TelnetEngine(Targets targets, TelnetOptions options, std::shared_ptr<stage::Ledger> accounts);
    TelnetEngine(const TelnetEngine&) = delete;
    TelnetEngine& operator=(const TelnetEngine&) = delete;
    /// Ends at once: sent lines without an answer are `unconfirmed`, unsent lines are dropped, and lines set aside are
    /// rejected.
    ~TelnetEngine();

    /// Waits until `deadline` for room for `bytes` more; returns whether there is room.
    [[nodiscard]] bool wait_for_room(std::size_t bytes, SteadyTime deadline) {
        return outbox_.wait_for_room(bytes, deadline);
    }
    /// Takes lines over; `batch.lines` is at most `most_lines()`, and there is room.
    void give(LineBatch batch);
    /// The most lines of a batch.
    [[nodiscard]] std::uint32_t most_lines() const noexcept { return most_lines_; }
    /// The most bytes of a batch; a line more than that is a batch by itself.
    [[nodiscard]] static constexpr std::size_t most_bytes() noexcept { return std::size_t{64} * 1024; }

    /// Waits until all given lines are answered; returns false at the deadline. Lines set aside get one last try, and are then
    /// rejected.
    [[nodiscard]] bool flush(SteadyTime deadline) { return outbox_.flush(deadline); }

    [[nodiscard]] PushStatus status() const;

private:
    // How much has to be acknowledged to prove that a target works which is asked by closing.
    static constexpr std::size_t proof = std::size_t{64} * 1024;
    // Connections whose end is awaited, beside the one that is sent over. The window is shared by all.
    static constexpr std::size_t most_finishing = 3;
    static constexpr std::size_t first_segment = std::size_t{64} * 1024;
    static constexpr std::size_t cautious_segment = std::size_t{8} * 1024; // after a loss

    enum class Barrier : std::uint8_t { unknown, version, none };
    /// The knowledge of a target.
    struct TargetKnowledge {
        Barrier barrier = Barrier::unknown;
        bool has_answered = false;           ///< it has answered a `version`: unanswered lines may be sent again
        std::uint64_t acks = 0;              ///< batches from which it took at least one line
        std::uint32_t refused = 0;           ///< refused lines, while it has taken none
        unsigned barren = 0;                 ///< connections in a row over which it took nothing
        std::size_t segment = first_segment; ///< bytes before it is asked by closing; grows with its trust
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
    /// Settles the oldest unanswered batch. Returns a sentence when the receiver refuses so much that it has to be kept.
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
    std::deque<LineBatch> waiting_;      // to be sent, those to be sent again first
    std::shared_ptr<TelnetConnection> active_;
    std::vector<std::shared_ptr<TelnetConnection>> finishing_; // half-closed, their ends are awaited
    bool is_probing_ = false;                                  // over active_, then finishing_
    bool is_listening_ = false;                                // to active_, before anything is sent over it
    bool is_due_ = false;                                      // active_ has lines that are long unanswered
    const TelnetConnection* quieting_ = nullptr;               // which is being left alone
    bool is_quiet_ = false;                  // active_ was left alone for a moment before it is half-closed
    std::size_t batch_limit_ = most_bytes(); // shrinks when connections end before a batch is answered

    bool probe_is_next_ = false; // in turns with other work
    std::size_t last_target_ = 0;
    bool is_over_ = false; // nothing more is sent
    SteadyTime born_{};    // of active_

    mutable std::mutex mutex_;
    std::array<Replies, reply_kinds> replies_{}; // guarded by it
    Outbox<LineBatch> outbox_;

    std::thread thread_; // last
};

} // namespace tickertape::push
