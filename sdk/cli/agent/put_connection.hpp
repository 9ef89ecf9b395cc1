// SPDX-License-Identifier: MIT
/// \file
/// PutConnection: a client of the put socket or port. PutSink: where its lines go.
#pragma once

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tickertape/time.hpp>

#include "cli/agent/budget.hpp"
#include "cli/agent/put_protocol.hpp"

namespace tickertape::cli::agent {

/// Why a connection ended.
enum class PutEnd : std::uint8_t {
    closed, ///< by the client, or when it had said `exit`
    failed, ///< the network says so
    slow,   ///< a line, or reading the answers, took longer than it may
    idle,   ///< no line for a while, when another client found no place
    http,   ///< it speaks HTTP
    agent,  ///< the agent ends
};
inline constexpr std::size_t put_ends = 6;
[[nodiscard]] std::string_view describe(PutEnd end) noexcept;

class PutConnection;

/// Takes the lines of connections.
class PutSink {
public:
    PutSink() = default;
    PutSink(const PutSink&) = delete;
    PutSink& operator=(const PutSink&) = delete;
    virtual ~PutSink() = default;

    /// Takes a line. Returns the error in a TSD's words without `put: `, or nothing.
    virtual std::string take(std::string_view line, const PutConnection& from) = 0;
    /// Counts a last line without an end.
    virtual void cut_off(std::string_view line, const PutConnection& from) = 0;
    /// Queues or spools the points of all lines that were taken. Returns how many could not be.
    virtual std::size_t publish() = 0;
    /// The number of points that were published so far, and whether so many of them are in the queue, or in the spool if there is one and
    /// it can be written.
    [[nodiscard]] virtual std::uint64_t taken() const = 0;
    [[nodiscard]] virtual bool is_kept(std::uint64_t taken) const = 0;
    virtual void wait_until_kept() const = 0;
    /// The number of points that were published so far, by all, and lost before they were kept.
    [[nodiscard]] virtual std::uint64_t lost() const = 0;
    /// Whether a connection has to wait: more points would displace those of others.
    [[nodiscard]] virtual bool is_crowded() const = 0;
    /// The most lines of a connection in a second; 0: no limit.
    [[nodiscard]] virtual std::uint32_t lines_per_second() const = 0;
    /// A connection waits for its limit.
    virtual void paused() = 0;
    /// The connection is closed.
    virtual void ended(const PutConnection& connection, PutEnd why) = 0;
};

/// Thread safety: none; all on the thread of the loop.
class PutConnection : public std::enable_shared_from_this<PutConnection> {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;

    /// `sink` outlives the loop's last handler. `name` is for messages.
    PutConnection(Socket socket, PutSink& sink, std::string name);

    void begin() { wait_to_read(); }
    /// Closes it if a line or its reading of answers has taken longer than `patience`.
    void check(SteadyTime now, SteadyTime::duration patience);
    /// Takes what has come already, answers it, and closes.
    void finish();
    void end(PutEnd why);

    /// Since when it could have said a whole line; nothing while it is not read.
    [[nodiscard]] std::optional<SteadyTime> idle_since() const noexcept {
        return input_ == Input::pause ? std::nullopt : std::optional{last_line_};
    }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const PutProtocol& protocol() const noexcept { return protocol_; }

private:
    enum class State : std::uint8_t {
        talking,
        leaving, ///< all is answered or said; waits for the client's end
        closed
    };
    /// What the connection waits for before it takes the next lines.
    enum class Input : std::uint8_t {
        bytes,
        pause, ///< the end of a pause
        room,  ///< for answers
    };
    /// What it waits for before it sends the next answers.
    enum class Output : std::uint8_t {
        none,   ///< there is no answer
        disk,   ///< the points before `sending_` are not kept yet; no part of it is sent
        client, ///< `sending_` is being sent
    };
    enum class Got : std::uint8_t { bytes, nothing, end };

    void wait_to_read();
    Got read();
    std::size_t use();
    void work();
    void note_time(bool has_lines);
    void go_on();
    void pause(SteadyTime::duration time);
    [[nodiscard]] SteadyTime::duration charge(std::size_t bytes, std::uint64_t lines);
    void write();
    void send_when_kept();
    void admit_losses();
    void leave();
    void discard();

    Socket socket_;
    PutSink& sink_;
    std::string name_;
    boost::asio::steady_timer pause_;
    boost::asio::steady_timer keeping_;
    PutProtocol protocol_;
    std::array<char, std::size_t{16} * 1024> buffer_{};
    std::size_t filled_ = 0;
    std::string sending_;
    std::uint64_t kept_by_ = 0;        // the points that have to be kept before that is sent
    std::uint64_t lost_by_ = 0;        // points that were lost until then
    std::uint64_t lost_before_;        // the same, of the answers before
    SteadyTime::duration disk_look_{}; // until the next look whether that is kept
    State state_ = State::talking;
    Input input_ = Input::bytes;
    Output output_ = Output::none;
    bool is_at_end_ = false; // the client has sent its FIN
    Budget lines_left_{};
    SteadyTime last_line_;
    std::optional<SteadyTime> line_begun_{};  // an incomplete line
    std::optional<SteadyTime> stall_begun_{}; // it is not read until it reads its answers
    std::optional<SteadyTime> leave_begun_{};
};

} // namespace tickertape::cli::agent
