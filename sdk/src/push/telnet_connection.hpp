// SPDX-License-Identifier: MIT
/// \file
/// TelnetConnection: lines on their way to a TSD over one connection.
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

/// Whole lines, rendered once. The same bytes are sent, and sent again.
struct LineBatch {
    std::string bytes{};
    std::uint32_t lines = 0;
    std::uint32_t refused = 0;          ///< refused lines, without those of:
    std::vector<UnknownName> unknown{}; ///< names that the receiver does not know
    std::uint32_t unknown_replies = 0;  ///< replies about unknown names
    Sent sent = Sent::never;            ///< at least in part, over an earlier connection
    bool is_to_repeat = false;          ///< the receiver said that it cannot take it now
    bool is_throttled = false;          ///< because the receiver is too busy, whatever the content
    Trouble trouble{};
    std::string asks_for{}; ///< of a probe (one line): the series or line in quarantine that it tests
    Receipts receipts{};

    [[nodiscard]] bool is_probe() const noexcept { return !asks_for.empty(); }
};

/// Cuts `batch` behind the last line that begins before `sent` bytes. Lines that were begun stay in it; returns the rest.
[[nodiscard]] LineBatch split_off_unsent(LineBatch& batch, std::size_t sent);
/// Takes the first lines out of `batch`, at most `bytes` of them, but at least one.
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
    confirmed, ///< after `finish_sending`, and all that was sent has been taken
    closed,    ///< by the receiver, without being asked
    broken,    ///< reset, unreachable
    silent,    ///< no sign of life for too long
    unasked,   ///< by us, because the receiver answers questions before they are sent
};

/// Sends batches in order, and reads replies all the time. Batches are kept until the owner takes them out.
///
/// Thread safety: the thread of its io_context only.
class TelnetConnection : public std::enable_shared_from_this<TelnetConnection> {
public:
    /// Handlers of events. None is called from within a call of a member.
    struct Events {
        std::function<void()> written; ///< the batch last sent is in the kernel's hands
        std::function<void(ReplyKind kind, std::string_view text)> replied;
        std::function<void(ConnectionEnd end, std::string_view why)> ended; ///< no more events come
    };

    /// `patience`: how long it waits without a sign of life while something is to be sent or answered.
    TelnetConnection(boost::asio::io_context& context, std::shared_ptr<Stream> stream, std::size_t target,
                     std::chrono::milliseconds patience);

    void start(Events events);
    /// While `is_writing()` is false. With `barrier` a `version` follows, whose answer says that the batch has been read.
    void send(LineBatch batch, bool barrier);
    /// Half-closes; while `is_writing()` is false.
    void finish_sending();
    /// Ends it without an event.
    void close();

    [[nodiscard]] bool is_writing() const noexcept { return write_left_ > 0; }
    /// Whether lines are still to be written; the question behind them may be.
    [[nodiscard]] bool is_writing_lines() const noexcept { return write_left_ > barrier_left_; }
    [[nodiscard]] bool is_finishing() const noexcept { return is_finishing_; }
    [[nodiscard]] std::size_t target() const noexcept { return target_; }
    /// Bytes of lines that were sent over it.
    [[nodiscard]] std::size_t sent_bytes() const noexcept { return sent_bytes_; }
    [[nodiscard]] bool answered() const noexcept { return answered_; }

    /// Batches that were sent and not taken out, oldest first.
    std::deque<LineBatch> unanswered;
    /// How many batches were acknowledged over it.
    std::uint64_t acks = 0;
    /// How many bytes of the last batch went out, when it is being written.
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
    std::size_t write_left_ = 0;                      // of the bytes of the last batch and its barrier
    std::size_t barrier_left_ = 0;                    // of these, bytes of the barrier
    std::size_t barriers_open_ = 0;
    std::size_t sent_bytes_ = 0;
    bool is_finishing_ = false;
    bool is_closed_ = false;
    bool answered_ = false; // a `version`
    std::uint64_t signs_of_life_ = 0;
};

} // namespace tickertape::push
