// SPDX-License-Identifier: MIT
/// \file
/// PutConnection: a client of the put socket or port. PutSink: takes its lines.
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

/// The reason for the end of a connection.
enum class PutEnd : std::uint8_t {
    closed, ///< by the client, or after its `exit`
    failed, ///< an error of the socket
    slow,   ///< a line, or reading the answers, took longer than allowed
    idle,   ///< it had sent no line for long, and another client needed its place
    http,   ///< the client speaks HTTP
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

    /// Takes a line. Returns a TSD's error without `put: `, or an empty text.
    virtual std::string take(std::string_view line, const PutConnection& from) = 0;
    /// Counts a last line without a newline.
    virtual void cut_off(std::string_view line, const PutConnection& from) = 0;
    /// Queues or spools the points of all taken lines. Returns the number of points that could not be queued.
    virtual std::size_t publish() = 0;
    /// The number of points that were published so far, by all.
    [[nodiscard]] virtual std::uint64_t taken() const = 0;
    /// See Outlet::is_kept.
    [[nodiscard]] virtual bool is_kept(std::uint64_t taken) const = 0;
    /// Waits for a short time.
    virtual void wait_until_kept() const = 0;
    /// The number of published points, by all, that were lost before they were kept.
    [[nodiscard]] virtual std::uint64_t lost() const = 0;
    /// Returns whether connections have to wait, because more points would displace those of others.
    [[nodiscard]] virtual bool is_crowded() const = 0;
    /// The limit of lines a second of a connection; 0: no limit.
    [[nodiscard]] virtual std::uint32_t lines_per_second() const = 0;
    /// Called when a connection pauses for its limit.
    virtual void paused() = 0;
    /// Called when the connection is closed.
    virtual void ended(const PutConnection& connection, PutEnd why) = 0;
};

/// Thread safety: none; all on the thread of the loop.
class PutConnection : public std::enable_shared_from_this<PutConnection> {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;

    /// `sink` outlives the loop's last handler. `name` is for messages.
    PutConnection(Socket socket, PutSink& sink, std::string name);

    void begin() { wait_to_read(); }
    /// Closes the connection if a line, or the client's reading of answers, has taken longer than `patience`.
    void check(SteadyTime time, SteadyTime::duration patience);
    /// Takes the lines that have arrived, answers them, and closes.
    void finish();
    void end(PutEnd why);

    /// The time of its last line, or of the end of a later pause; nothing during a pause.
    [[nodiscard]] std::optional<SteadyTime> idle_since() const noexcept {
        return input_ == Input::pause ? std::nullopt : std::optional{last_line_};
    }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const PutProtocol& protocol() const noexcept { return protocol_; }

private:
    enum class State : std::uint8_t {
        talking,
        leaving, ///< no more lines are taken; waits for the last answers to be sent, and for the client's end
        closed
    };
    /// The event that lets the connection take more lines.
    enum class Input : std::uint8_t {
        bytes, ///< of the client
        pause, ///< the end of a pause
        room,  ///< for answers
    };
    /// The event that lets it send more answers.
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
    std::uint64_t kept_by_ = 0;        // the number of points that have to be kept before `sending_` is sent
    std::uint64_t lost_by_ = 0;        // the number of lost points when `sending_` was made
    std::uint64_t lost_before_;        // the same number for the answers before that
    SteadyTime::duration disk_look_{}; // the time until the next check whether they are kept
    State state_ = State::talking;
    Input input_ = Input::bytes;
    Output output_ = Output::none;
    bool is_at_end_ = false; // the client has sent its FIN
    Budget lines_left_{};
    SteadyTime last_line_;
    std::optional<SteadyTime> line_begun_{};  // the begin of an incomplete line
    std::optional<SteadyTime> stall_begun_{}; // since when the input waits for room
    std::optional<SteadyTime> leave_begun_{};
};

} // namespace tickertape::cli::agent
