// SPDX-License-Identifier: MIT
/// \file
/// TelnetConnection: sends lines to a TSD over one connection.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "push/line_series.hpp"
#include "push/receipts.hpp"
#include "push/replies.hpp"
#include "push/sent.hpp"
#include "push/stream.hpp"
#include "push/trouble.hpp"

namespace tickertape::push {

/// Whole lines that were rendered once. The same bytes are sent, and repeated.
struct LineBatch {
    std::string bytes{};
    std::uint32_t lines = 0;
    std::uint32_t refused = 0;          ///< refused lines, except those with unknown names
    std::vector<UnknownName> unknown{}; ///< names that the receiver does not know
    std::uint32_t unknown_replies = 0;  ///< replies about unknown names
    Sent sent = Sent::never;            ///< whether a part of it was sent over an earlier connection
    bool is_to_repeat = false;          ///< the receiver answered that it cannot accept it now
    bool is_throttled = false;          ///< the receiver is too busy, whatever the content
    Trouble trouble{};
    std::string asks_for{}; ///< for a probe (one line): the series or line in quarantine that it tests
    Receipts receipts{};

    [[nodiscard]] bool is_probe() const noexcept { return !asks_for.empty(); }
};

/// Cuts `batch` after the last line that begins before `sent` bytes. Lines whose sending began stay in it. Returns the rest.
[[nodiscard]] LineBatch split_off_unsent(LineBatch& batch, std::size_t sent);
/// Removes and returns the first lines of `batch`: at most `bytes`, but at least one line.
[[nodiscard]] LineBatch take_lines(LineBatch& batch, std::size_t bytes);
/// Adds a line, without its end.
void add_line(LineBatch& batch, std::string_view line);
/// Calls `take` with each line, without its end.
template <class Take>
void for_each_line(const LineBatch& batch, Take take) {
    std::string_view rest = batch.bytes;
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        take(rest.substr(0, end));
        rest.remove_prefix(std::min(rest.size(), end + 1));
    }
}

enum class ConnectionEnd : std::uint8_t {
    confirmed, ///< the receiver took everything that was sent, after `finish_sending`
    closed,    ///< the receiver closed it without being asked
    broken,    ///< for example a reset, or an unreachable host
    silent,    ///< no sign of life for too long
    unasked,   ///< we closed it, because the receiver answers questions before they are sent
};

/// Sends batches in order, and reads replies all the time. Batches are kept until the owner removes them.
///
/// Thread safety: the thread of its io_context only.
class TelnetConnection : public std::enable_shared_from_this<TelnetConnection> {
public:
    /// Handlers of events. No member function calls one before it returns.
    struct Events {
        std::function<void()> written; ///< the kernel has taken the last batch
        std::function<void(ReplyKind kind, std::string_view text)> replied;
        std::function<void(ConnectionEnd end, std::string_view why)> ended; ///< the last event
    };

    /// `patience`: the longest wait for a sign of life while data is unsent or unanswered.
    TelnetConnection(boost::asio::io_context& context, std::shared_ptr<Stream> stream, std::size_t target,
                     std::chrono::milliseconds patience);

    void start(Events events);
    /// Call it while `is_writing()` is false. With `barrier` a `version` follows, whose answer shows that the batch has been
    /// read.
    void send(LineBatch batch, bool barrier);
    /// Half-closes the connection. Call it while `is_writing()` is false.
    void finish_sending();
    /// Ends the connection without an event.
    void close();

    [[nodiscard]] bool is_writing() const noexcept { return write_left_ > 0; }
    /// Returns whether lines are unwritten; the question after them may be unwritten without them.
    [[nodiscard]] bool is_writing_lines() const noexcept { return write_left_ > barrier_left_; }
    [[nodiscard]] bool is_finishing() const noexcept { return is_finishing_; }
    [[nodiscard]] std::size_t target() const noexcept { return target_; }
    /// Returns the bytes of lines that were sent over it.
    [[nodiscard]] std::size_t sent_bytes() const noexcept { return sent_bytes_; }
    [[nodiscard]] bool answered() const noexcept { return answered_; }

    /// Batches that were sent and not removed, oldest first.
    std::deque<LineBatch> unanswered;
    /// The number of batches that were acknowledged over it.
    std::uint64_t acks = 0;
    /// Returns how many bytes of the last batch have been written, while it is being written.
    [[nodiscard]] std::size_t written_of_last() const noexcept;

private:
    void write();
    void read();
    void at_end(const boost::system::error_code& error);
    void end(ConnectionEnd end, std::string_view why);
    void watch();
    [[nodiscard]] bool waits_for_something() const noexcept;

    std::shared_ptr<Stream> stream_;
    boost::asio::steady_timer watchdog_;
    std::size_t target_;
    std::chrono::milliseconds patience_;
    Events events_;
    ReplyReader replies_;
    std::array<char, std::size_t{16} * 1024> buffer_; // for read
    std::size_t write_left_ = 0;                      // unwritten bytes of the last batch and its barrier
    std::size_t barrier_left_ = 0;                    // those of the barrier
    std::size_t barriers_open_ = 0;
    std::size_t sent_bytes_ = 0;
    bool is_finishing_ = false;
    bool is_closed_ = false;
    bool answered_ = false; // a `version` was answered
    std::uint64_t signs_of_life_ = 0;
};

} // namespace tickertape::push
