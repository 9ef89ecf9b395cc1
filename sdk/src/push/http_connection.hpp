// SPDX-License-Identifier: MIT
/// \file
/// HttpConnection: requests and their answers, one after the other, on one connection.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/heap.hpp"
#include "push/put_answer.hpp"
#include "push/stream.hpp"

namespace tickertape::push {

enum class HttpEnd : std::uint8_t {
    idle,    ///< ended while no answer was due
    closed,  ///< ended by the server or the network, before the first byte of the answer
    broken,  ///< ended in the middle of an answer
    foreign, ///< the answer is not HTTP
    silent,  ///< the answer did not come in time
};

/// Keeps a connection open between requests for as long as the server does. The server is not trusted: it reads a header of up to
/// 8 KiB, and a body of up to 1 MiB.
///
/// Thread safety: the thread of its io_context only.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    static constexpr std::size_t longest_header = std::size_t{8} * 1024;
    static constexpr std::size_t longest_body = std::size_t{1024} * 1024;

    /// Handlers of events. No member function calls one before it returns.
    struct Events {
        /// The answer to the last request. If the answer does not keep the connection, the connection is over.
        std::function<void(const HttpAnswer& answer)> answered;
        std::function<void(HttpEnd end, std::string_view why)> ended; ///< the last event
    };

    /// `patience`: the longest time in which the server accepts no byte of a request, and the longest time until its whole answer
    /// is here.
    HttpConnection(boost::asio::io_context& context, std::shared_ptr<Stream> stream,
                   std::chrono::milliseconds patience);

    void start(Events events);
    /// Sends head and body, if `is_waiting()` is false.
    void send(base::PageString request) { send(std::move(request), patience_); }
    /// The same with another patience.
    void send(base::PageString request, std::chrono::milliseconds patience);
    /// Ends the connection without an event.
    void close();

    /// Returns whether an answer is due.
    [[nodiscard]] bool is_waiting() const noexcept { return is_waiting_; }
    /// Returns the number of answers so far.
    [[nodiscard]] std::uint64_t answers() const noexcept { return answers_; }

private:
    using Parser = boost::beast::http::response_parser<boost::beast::http::string_body>;

    void write();
    void read();
    void parse(std::string_view bytes);
    void at_end(const boost::system::error_code& error);
    [[nodiscard]] bool is_interim() const;
    void renew_parser();
    void answer(bool is_cut, bool may_keep);
    void end(HttpEnd end, std::string_view why);
    void expect_progress();

    std::shared_ptr<Stream> stream_;
    boost::asio::steady_timer watchdog_;
    std::chrono::milliseconds patience_;
    std::chrono::milliseconds patience_now_{}; // the patience of the present request
    Events events_;
    base::PageString request_;
    std::size_t written_ = 0;
    std::optional<Parser> parser_;
    // Received bytes that the parser has not accepted yet; less than a header.
    std::string pending_;
    std::array<char, std::size_t{16} * 1024> buffer_; // for read
    std::uint64_t answers_ = 0;
    std::uint64_t progress_ = 0; // counts writes; a timer of an earlier write does nothing
    bool is_waiting_ = false;
    bool is_closed_ = false;
};

} // namespace tickertape::push
