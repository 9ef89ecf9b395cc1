// SPDX-License-Identifier: MIT
#include "cli/agent/put_connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

#include "cli/agent/now.hpp"

namespace tickertape::cli::agent {

namespace {

using namespace std::chrono_literals;

constexpr auto crowd_look = 100ms;
constexpr SteadyTime::duration first_disk_look = 1ms; // then twice as long each time
constexpr SteadyTime::duration longest_disk_look = 100ms;
constexpr int most_pieces_at_end = 16;   // a client may go on writing
constexpr double bytes_of_a_line = 1024; // a flood of bytes without newlines counts as lines, too

bool is_over(const std::optional<SteadyTime>& since, SteadyTime now, SteadyTime::duration patience) {
    return since && now - *since >= patience;
}

} // namespace

std::string_view describe(PutEnd end) noexcept {
    switch (end) {
    case PutEnd::closed: return "closed";
    case PutEnd::failed: return "failed";
    case PutEnd::slow: return "slow";
    case PutEnd::idle: return "idle";
    case PutEnd::http: return "http";
    case PutEnd::agent: return "agent";
    }
    return "unknown";
}

PutConnection::PutConnection(Socket socket, PutSink& sink, std::string name)
    : socket_{std::move(socket)}, sink_{sink}, name_{std::move(name)}, pause_{socket_.get_executor()},
      keeping_{socket_.get_executor()}, lost_before_{sink.lost()}, last_line_{now()} {}

void PutConnection::wait_to_read() {
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
        if (error || self->state_ != State::talking) {
            return;
        }
        if (self->sink_.is_crowded()) { // it was not crowded when the wait began
            self->pause(crowd_look);
        } else if (self->read() == Got::nothing) {
            self->wait_to_read();
        } else if (self->state_ == State::talking) {
            self->work();
        }
    });
}

PutConnection::Got PutConnection::read() {
    const ssize_t got = recv(socket_.native_handle(), buffer_.data() + filled_, buffer_.size() - filled_, MSG_DONTWAIT);
    if (got > 0) {
        filled_ += static_cast<std::size_t>(got);
        return Got::bytes;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return Got::nothing;
    }
    is_at_end_ = got == 0;
    if (!is_at_end_) {
        end(PutEnd::failed);
    }
    return Got::end;
}

/// Takes whole lines, and queues their points before any answer is sent. Returns the number of used bytes.
std::size_t PutConnection::use() {
    const std::uint64_t lines_before = protocol_.lines();
    const std::size_t used =
        protocol_.feed({buffer_.data(), filled_}, [this](std::string_view line) { return sink_.take(line, *this); });
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(used),
              buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), buffer_.begin());
    filled_ -= used;
    if (const std::size_t unqueued = sink_.publish(); unqueued > 0) {
        protocol_.cannot_queue(unqueued);
    }
    input_ = protocol_.has_room() || protocol_.is_over() ? Input::bytes : Input::room;
    stall_begun_ = input_ == Input::room ? std::optional{now()} : std::nullopt;
    if (is_at_end_ && input_ != Input::room && filled_ > 0) {
        sink_.cut_off({buffer_.data(), filled_}, *this);
        protocol_.cut_off();
        filled_ = 0;
    }
    note_time(protocol_.lines() > lines_before);
    return used;
}

void PutConnection::work() {
    const std::uint64_t lines_before = protocol_.lines();
    const std::size_t used = use();
    const SteadyTime::duration rest = charge(used, protocol_.lines() - lines_before);
    write();
    if (state_ != State::talking || input_ == Input::room) {
        return; // `write` goes on with the rest
    }
    if (protocol_.is_over() || is_at_end_) {
        leave();
        return;
    }
    if (rest > SteadyTime::duration::zero()) {
        sink_.paused();
        pause(rest);
        return;
    }
    go_on();
}

void PutConnection::note_time(bool has_lines) {
    const SteadyTime time = now();
    if (has_lines) {
        last_line_ = time;
        line_begun_.reset();
    }
    if (filled_ == 0 && !protocol_.is_skipping()) {
        line_begun_.reset();
    } else if (!line_begun_) {
        line_begun_ = time;
    }
}

/// Returns how long reading has to pause.
SteadyTime::duration PutConnection::charge(std::size_t bytes, std::uint64_t lines) {
    const double limit = sink_.lines_per_second();
    if (limit <= 0) {
        return {};
    }
    lines_left_.spend(std::max(static_cast<double>(lines), static_cast<double>(bytes) / bytes_of_a_line), limit, now());
    return lines_left_.rest();
}

void PutConnection::go_on() {
    if (sink_.is_crowded()) {
        pause(crowd_look);
    } else {
        wait_to_read();
    }
}

void PutConnection::pause(SteadyTime::duration time) {
    input_ = Input::pause;
    pause_.expires_after(std::chrono::duration_cast<boost::asio::steady_timer::duration>(time));
    pause_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (error || self->state_ != State::talking) {
            return;
        }
        self->input_ = Input::bytes;
        self->last_line_ = now(); // the client is not to blame for the pause
        self->line_begun_ = self->line_begun_ ? std::optional{self->last_line_} : std::nullopt;
        self->go_on();
    });
}

void PutConnection::write() {
    if (output_ != Output::none || !protocol_.has_answers()) {
        return;
    }
    sending_ = protocol_.take_answers();
    kept_by_ = sink_.taken();
    lost_by_ = sink_.lost();
    disk_look_ = first_disk_look;
    send_when_kept();
}

/// An answer to `version` promises that all points before it are in the spool, so it waits for the disk. While the spool cannot be
/// written, they are in the queue only.
void PutConnection::send_when_kept() {
    if (!sink_.is_kept(kept_by_)) {
        output_ = Output::disk;
        keeping_.expires_after(std::chrono::duration_cast<boost::asio::steady_timer::duration>(disk_look_));
        disk_look_ = std::min(disk_look_ * 2, longest_disk_look); // many clients may wait for a disk that hangs
        keeping_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (!error && self->state_ != State::closed) {
                self->send_when_kept();
            }
        });
        return;
    }
    output_ = Output::client;
    admit_losses();
    boost::asio::async_write(socket_, boost::asio::buffer(sending_),
                             [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                                 if (self->state_ == State::closed) {
                                     return;
                                 }
                                 if (error) {
                                     self->end(PutEnd::failed);
                                     return;
                                 }
                                 self->sending_.clear();
                                 self->output_ = Output::none;
                                 self->write();
                                 if (self->input_ == Input::room) {
                                     self->work();
                                 } else if (self->state_ == State::leaving) {
                                     self->leave();
                                 }
                             });
}

/// Does not acknowledge points that were lost on their way to a disk that hung: the client sends them again.
void PutConnection::admit_losses() {
    if (const std::uint64_t lost = sink_.lost() - lost_before_; lost > 0 && !sending_.empty()) {
        sending_.insert(0, not_queued(lost));
    }
    lost_before_ = lost_by_; // later losses may belong to the next answers
}

/// Closes when the answers are sent and the client has closed: a close before all its bytes are read would destroy its answers.
void PutConnection::leave() {
    if (state_ != State::leaving) {
        state_ = State::leaving;
        leave_begun_ = now();
    }
    if (output_ != Output::none) {
        return; // `write` comes back
    }
    if (is_at_end_) {
        end(protocol_.is_http() ? PutEnd::http : PutEnd::closed);
        return;
    }
    shutdown(socket_.native_handle(), SHUT_WR);
    discard();
}

void PutConnection::discard() {
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
        if (error || self->state_ != State::leaving) {
            return;
        }
        self->filled_ = 0;
        if (self->read() != Got::end) {
            self->discard();
        } else if (self->state_ == State::leaving) {
            self->leave();
        }
    });
}

void PutConnection::check(SteadyTime time, SteadyTime::duration patience) {
    if (is_over(leave_begun_, time, patience)) {
        end(protocol_.is_http() ? PutEnd::http : PutEnd::closed);
    } else if ((input_ != Input::pause && is_over(line_begun_, time, patience)) ||
               (output_ != Output::disk && is_over(stall_begun_, time, patience))) {
        end(PutEnd::slow);
    }
}

void PutConnection::finish() {
    int pieces = 0;
    while (state_ == State::talking && input_ != Input::room && !protocol_.is_over() && !is_at_end_ &&
           !sink_.is_crowded() && pieces++ < most_pieces_at_end && read() != Got::nothing) {
        use();
    }
    if (state_ != State::closed && output_ != Output::client) { // otherwise a part may have been sent already
        sink_.wait_until_kept();
        sending_.append(protocol_.take_answers());
        admit_losses();
        const std::string answers = sink_.is_kept(sink_.taken()) ? std::exchange(sending_, {}) : std::string{};
        [[maybe_unused]] const ssize_t sent =
            send(socket_.native_handle(), answers.data(), answers.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        shutdown(socket_.native_handle(), SHUT_WR);
    }
    end(PutEnd::agent);
}

void PutConnection::end(PutEnd why) {
    if (state_ == State::closed) {
        return;
    }
    const auto self = shared_from_this(); // the sink releases it below
    state_ = State::closed;
    pause_.cancel();
    keeping_.cancel();
    boost::system::error_code ignored;
    socket_.close(ignored);
    sink_.ended(*this, why);
}

} // namespace tickertape::cli::agent
