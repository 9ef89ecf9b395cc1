// SPDX-License-Identifier: MIT
/// \file
/// Session: one connection of a fake TSD, and its thread. Protocol: the protocol on that connection.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include <base/unique_fd.hpp>
#include <testkit/fake_tsd_faults.hpp>
#include <testkit/fake_tsd_ledger.hpp>

namespace tickertape::testkit {

/// The state that the sessions of one server share.
struct Common {
    Personality personality;
    Ledger ledger;
    CurrentFaults faults;
};

/// The connection between a protocol and its session.
struct Conversation {
    enum class End : std::uint8_t {
        no,
        close,        ///< after the answers are sent
        close_unsaid, ///< at once, without the answers
        reset
    };

    Common& common;
    std::shared_ptr<const Faults> faults;
    Batch batch;
    std::string answers = {};
    bool may_drop = false; ///< the peer does not read, so answers that may be dropped are dropped
    /// The connection breaks after this number of further lines. A protocol that reads lines stops there.
    std::uint64_t lines_left = always;
    End end = End::no;

    void take_line(std::string_view text, bool stored, bool refused = false) {
        batch.line(text, stored, refused);
        lines_left -= lines_left == 0 || lines_left == always ? 0 : 1;
    }
    void answer(std::string_view text) { answers += text; }
    /// Answers with an error that no client waits for. It is lost if the peer does not read, as with OpenTSDB.
    void answer_or_drop(std::string_view text) {
        if (!may_drop) {
            answers += text;
        }
    }
};

/// Thread safety: none; only the thread of its session uses it.
class Protocol {
public:
    Protocol() = default;
    Protocol(const Protocol&) = delete;
    Protocol& operator=(const Protocol&) = delete;
    virtual ~Protocol() = default;

    /// Uses as much of the front of `data` as it can, and returns the number of bytes. The rest is passed again, with more bytes.
    virtual std::size_t receive(std::string_view data, Conversation& conversation) = 0;
    /// The peer has sent a FIN after these bytes, which `receive` did not use.
    virtual void finish(std::string_view rest, Conversation& conversation) = 0;
};

/// One connection. Its thread runs from construction until the connection is closed.
///
/// Thread safety: any thread except its own may call every function; one thread calls the destructor.
class Session {
public:
    Session(Common& common, base::UniqueFd socket);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    /// Closes the connection without waiting for the peer.
    ~Session();

    /// Makes its thread check the faults again.
    void wake() const;
    void break_now(Break how);
    [[nodiscard]] bool done() const noexcept { return done_.load(std::memory_order_acquire); }

private:
    using Duration = std::chrono::milliseconds;

    void run();
    /// Returns false if the connection is over.
    bool step();
    void look_at_faults();
    bool is_broken();
    bool break_by(Break how);
    bool converse();
    bool choose_protocol();
    bool read();
    bool write();
    void clear_wake() const;
    /// Both waits end when the session is woken, and leave it awake for the rest of the step. Otherwise the next wait of the step
    /// would miss that wake-up.
    enum class Paused : std::uint8_t { in_full, woken };
    Paused pause(Duration time) const;
    void wait(bool for_input, bool for_output) const;
    void close_by_reset();
    [[nodiscard]] std::string_view unread() const noexcept { return std::string_view{buffer_}.substr(0, filled_); }

    Common& common_;
    base::UniqueFd socket_;
    base::UniqueFd wake_;
    std::size_t number_;
    Conversation conversation_;
    std::unique_ptr<Protocol> protocol_;
    std::string buffer_;
    std::size_t filled_ = 0;
    std::string pending_; // unsent answers, from pending_begin_ on
    std::size_t pending_begin_ = 0;
    bool delayed_ = false; // the delay of the answers is over
    std::uint64_t generation_ = 0;
    std::uint64_t bytes_left_ = always;
    Break state_ = Break::nothing;
    bool news_ = false;   // the protocol has not seen all bytes that it could use
    bool at_end_ = false; // the peer has sent a FIN
    std::atomic<Break> asked_{Break::nothing};
    std::atomic<bool> stopping_{false};
    std::atomic<bool> done_{false};
    std::thread thread_;
};

} // namespace tickertape::testkit
