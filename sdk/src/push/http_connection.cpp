// SPDX-License-Identifier: MIT
#include "push/http_connection.hpp"

#include <boost/asio/error.hpp>
#include <utility>

#include "base/concat.hpp"

namespace tickertape::push {

namespace http = boost::beast::http;
using boost::system::error_code;

HttpConnection::HttpConnection(boost::asio::io_context& context, std::shared_ptr<Stream> stream,
                               std::chrono::milliseconds patience)
    : stream_{std::move(stream)}, watchdog_{context}, patience_{patience} {}

void HttpConnection::start(Events events) {
    events_ = std::move(events);
    read();
}

void HttpConnection::send(base::PageString request, std::chrono::milliseconds patience) {
    request_ = std::move(request);
    patience_now_ = patience;
    written_ = 0;
    is_waiting_ = true;
    pending_.clear();
    renew_parser();
    expect_progress();
    write();
}

void HttpConnection::write() {
    stream_->write_some({{boost::asio::buffer(request_.data() + written_, request_.size() - written_)}},
                        [self = shared_from_this()](const error_code& error, std::size_t written) {
                            if (self->is_closed_ || error) {
                                return; // `read` still gets the server's last data, then the end
                            }
                            self->written_ += written;
                            self->expect_progress();
                            if (self->written_ < self->request_.size()) {
                                self->write();
                            }
                        });
}

void HttpConnection::read() {
    stream_->read_some(boost::asio::buffer(buffer_),
                       [self = shared_from_this()](const error_code& error, std::size_t got) {
                           if (self->is_closed_) {
                               return;
                           }
                           if (error) {
                               self->at_end(error);
                           } else if (!self->is_waiting_) {
                               // A proxy may report that the connection was idle for too long.
                               self->end(HttpEnd::idle, "it sent something unasked");
                           } else {
                               self->parse({self->buffer_.data(), got});
                           }
                           if (!self->is_closed_) {
                               self->read();
                           }
                       });
}

void HttpConnection::parse(std::string_view bytes) {
    // The parser accepts only whole parts, such as a whole header. The rest is passed again together with the next bytes.
    std::string joined;
    if (!pending_.empty()) {
        joined = std::exchange(pending_, {}).append(bytes);
        bytes = joined;
    }
    while (!bytes.empty() && is_waiting_) {
        error_code error;
        const std::size_t taken = parser_->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
        bytes.remove_prefix(taken);
        if (error == http::error::body_limit) {
            answer(true, false);
        } else if (error && error != http::error::need_more) {
            end(HttpEnd::foreign, base::concat("its answer is no HTTP: ", error.message()));
            return;
        } else if (parser_->is_done() && is_interim()) {
            renew_parser();
        } else if (parser_->is_done()) {
            answer(false, bytes.empty());
            return;
        } else if (error || taken == 0) {
            pending_ = bytes;
            return;
        }
    }
}

bool HttpConnection::is_interim() const {
    constexpr unsigned switching = 101; // after this status the server stops speaking HTTP
    const unsigned status = parser_->get().result_int();
    return status / 100 == 1 && status != switching;
}

void HttpConnection::renew_parser() {
    parser_.emplace();
    parser_->eager(true);
    parser_->header_limit(longest_header);
    parser_->body_limit(longest_body);
}

void HttpConnection::at_end(const error_code& error) {
    const bool is_plain_end = error == boost::asio::error::eof;
    std::string why{is_plain_end ? "it closed the connection" : "the connection broke: "};
    if (!is_plain_end) {
        why.append(error.message());
    }
    if (!is_waiting_) {
        end(HttpEnd::idle, why);
    } else if (!parser_->got_some() && pending_.empty()) {
        end(HttpEnd::closed, why.append(" instead of answering"));
    } else {
        error_code incomplete;
        parser_->put_eof(incomplete);
        if (is_plain_end && !incomplete && parser_->is_done()) { // the end of the connection is the end of the answer
            answer(false, false);
        } else {
            end(HttpEnd::broken, why.append(" in the middle of an answer"));
        }
    }
}

void HttpConnection::answer(bool is_cut, bool may_keep) {
    const auto& message = parser_->get();
    const auto field = [&message](http::field name) {
        const auto text = message[name];
        return std::string{text.data(), text.size()};
    };
    const bool all_written = written_ == request_.size();
    if (!all_written && message.result_int() / 100 == 2) {
        end(HttpEnd::foreign, "it answers before it has got the request");
        return;
    }
    HttpAnswer answer{.status = message.result_int(),
                      .body = is_cut ? std::string{} : std::move(parser_->get().body()),
                      .is_cut = is_cut,
                      .keeps_connection = may_keep && all_written && parser_->keep_alive(),
                      .retry_after = field(http::field::retry_after),
                      .location = field(http::field::location)};
    if (all_written) {
        base::PageString{}.swap(request_); // it may be megabytes large, and the next request may come hours later
        written_ = 0;
    }
    is_waiting_ = false;
    ++answers_;
    ++progress_;
    if (!answer.keeps_connection) {
        close();
    }
    events_.answered(answer);
}

void HttpConnection::close() {
    is_closed_ = true; // keep the handlers, because one of them may be running
    watchdog_.cancel();
    stream_->close();
}

void HttpConnection::end(HttpEnd end, std::string_view why) {
    close();
    events_.ended(end, why);
}

void HttpConnection::expect_progress() {
    watchdog_.expires_after(patience_now_);
    watchdog_.async_wait([self = shared_from_this(), progress = ++progress_](const error_code& error) {
        if (!error && !self->is_closed_ && self->is_waiting_ && self->progress_ == progress) {
            self->end(HttpEnd::silent, "it does not answer");
        }
    });
}

} // namespace tickertape::push
