// SPDX-License-Identifier: MIT
#include "push/telnet_connection.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/concat.hpp"

namespace tickertape::push {

using boost::system::error_code;

namespace {

constexpr std::string_view barrier_line = "version\n";

} // namespace

LineBatch split_off_unsent(LineBatch& batch, std::size_t sent) {
    LineBatch rest;
    const std::size_t line_end = sent == 0 ? 0 : batch.bytes.find('\n', sent - 1) + 1;
    rest.bytes = batch.bytes.substr(line_end);
    rest.lines = static_cast<std::uint32_t>(std::count(rest.bytes.begin(), rest.bytes.end(), '\n'));
    rest.sent = batch.sent;
    rest.receipts = batch.receipts;
    batch.bytes.resize(line_end);
    batch.lines -= rest.lines;
    return rest;
}

LineBatch take_lines(LineBatch& batch, std::size_t bytes) {
    LineBatch front;
    const std::size_t last = batch.bytes.rfind('\n', std::min(std::max<std::size_t>(bytes, 1), batch.bytes.size()) - 1);
    const std::size_t end = last == std::string::npos ? batch.bytes.find('\n') + 1 : last + 1;
    front.bytes = batch.bytes.substr(0, end);
    front.lines = static_cast<std::uint32_t>(std::count(front.bytes.begin(), front.bytes.end(), '\n'));
    front.sent = batch.sent;
    front.trouble = batch.trouble;
    front.receipts = batch.receipts;
    batch.bytes.erase(0, end);
    batch.lines -= front.lines;
    return front;
}

void add_line(LineBatch& batch, std::string_view line) {
    batch.bytes.append(line).push_back('\n');
    ++batch.lines;
}

TelnetConnection::TelnetConnection(boost::asio::io_context& context, std::shared_ptr<Stream> stream, std::size_t target,
                                   std::chrono::milliseconds patience)
    : stream_{std::move(stream)}, watchdog_{context}, target_{target}, patience_{patience} {}

void TelnetConnection::start(Events events) {
    events_ = std::move(events);
    read();
    watch();
}

void TelnetConnection::send(LineBatch batch, bool barrier) {
    write_left_ = batch.bytes.size() + (barrier ? barrier_line.size() : 0);
    barrier_left_ = barrier ? barrier_line.size() : 0;
    barriers_open_ += barrier ? 1 : 0;
    sent_bytes_ += batch.bytes.size();
    unanswered.push_back(std::move(batch));
    write();
}

void TelnetConnection::write() {
    const std::size_t barrier_left = std::min(write_left_, barrier_left_);
    std::string_view lines;
    if (write_left_ > barrier_left) { // otherwise the batch may be answered and gone
        lines = unanswered.back().bytes;
        lines.remove_prefix(lines.size() - (write_left_ - barrier_left));
    }
    const std::string_view barrier = barrier_line.substr(barrier_line.size() - barrier_left);
    // At once: a packet of its own for the question would cost as much as the lines.
    stream_->write_some({{boost::asio::const_buffer{lines.data(), lines.size()},
                          boost::asio::const_buffer{barrier.data(), barrier.size()}}},
                        [self = shared_from_this()](const error_code& error, std::size_t written) {
                            if (self->is_closed_) {
                                return;
                            }
                            ++self->signs_of_life_;
                            self->write_left_ -= written;
                            if (error) {
                                self->end(ConnectionEnd::broken, base::concat("sending failed: ", error.message()));
                            } else if (self->write_left_ > 0) {
                                self->write();
                            } else {
                                self->barrier_left_ = 0;
                                self->events_.written();
                            }
                        });
}

std::size_t TelnetConnection::written_of_last() const noexcept {
    const std::size_t bytes = unanswered.empty() ? 0 : unanswered.back().bytes.size();
    const std::size_t all = bytes + barrier_left_;
    return std::min(bytes, all - write_left_);
}

void TelnetConnection::read() {
    stream_->read_some(boost::asio::buffer(buffer_), [self = shared_from_this()](const error_code& error,
                                                                                 std::size_t got) {
        if (self->is_closed_) {
            return;
        }
        ++self->signs_of_life_;
        const auto take = [&self](ReplyKind kind, std::string_view text) {
            if (self->is_closed_) {
                return;
            }
            const bool is_asked = self->barriers_open_ > 0 && (self->barriers_open_ > 1 || !self->is_writing_lines());
            if (kind == ReplyKind::version && is_asked) {
                self->answered_ = true;
                --self->barriers_open_;
            } else if (kind == ReplyKind::version) {
                self->end(ConnectionEnd::unasked, "it answers questions that were not sent");
                return;
            }
            self->events_.replied(kind, text);
        };
        if (!error) {
            self->replies_.feed({self->buffer_.data(), got}, take);
        } else {
            self->replies_.end(take);
            self->at_end(error);
        }
        if (!self->is_closed_) {
            self->read();
        }
    });
}

void TelnetConnection::at_end(const error_code& error) {
    if (is_closed_) {
        return;
    }
    if (error != boost::asio::error::eof) {
        end(ConnectionEnd::broken, base::concat("the connection broke: ", error.message()));
    } else if (is_finishing_ && stream_->all_was_taken()) {
        end(ConnectionEnd::confirmed, {});
    } else {
        end(ConnectionEnd::closed, "it closed the connection");
    }
}

void TelnetConnection::finish_sending() {
    is_finishing_ = true;
    stream_->finish_sending();
}

void TelnetConnection::close() {
    is_closed_ = true; // keep the handlers, because one of them may be running
    watchdog_.cancel();
    stream_->close();
}

void TelnetConnection::end(ConnectionEnd end, std::string_view why) {
    close();
    events_.ended(end, why);
}

bool TelnetConnection::waits_for_something() const noexcept {
    return is_writing() || is_finishing_ || barriers_open_ > 0;
}

void TelnetConnection::watch() {
    watchdog_.expires_after(patience_);
    const std::uint64_t signs = signs_of_life_;
    const bool waited = waits_for_something();
    watchdog_.async_wait([self = shared_from_this(), signs, waited](const error_code& error) {
        if (error || self->is_closed_) {
            return;
        }
        // The watchdog fires if there was no event for one whole wait.
        if (waited && self->waits_for_something() && self->signs_of_life_ == signs) {
            self->end(ConnectionEnd::silent, "it gave no sign of life for too long");
        } else {
            self->watch();
        }
    });
}

} // namespace tickertape::push
