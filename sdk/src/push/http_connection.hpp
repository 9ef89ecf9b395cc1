// SPDX-License-Identifier: MIT
/// \file
/// HttpConnection: requests and their answers, one after the other, over one connection.
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
    idle,    ///< while no answer was due
    closed,  ///< by the server or the network, without a byte of the answer that was due
    broken,  ///< in the middle of an answer
    foreign, ///< by an answer that is no HTTP
    silent,  ///< the answer is not there in time
};

/// Keeps a connection open between requests as long as the server likes. What the server sends is not trusted: a header is
/// read up to 8 KiB, a body up to 1 MiB.
///
/// Thread safety: the thread of its io_context only.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    static constexpr std::size_t longest_header = std::size_t{8} * 1024;
    static constexpr std::size_t longest_body = std::size_t{1024} * 1024;

    /// Handlers of events. None is called from within a call of a member.
    struct Events {
        /// To the request last sent. It is over when the answer does not keep the connection.
        std::function<void(const HttpAnswer& answer)> answered;
        std::function<void(HttpEnd end, std::string_view why)> ended; ///< no more events come
    };

    /// `patience`: how long nothing is taken of a request, and then, how long its whole answer takes.
    HttpConnection(boost::asio::io_context& context, std::shared_ptr<Stream> stream,
                   std::chrono::milliseconds patience);

    void start(Events events);
    /// Head and body, while `is_waiting()` is false.
    void send(base::PageString request) { send(std::move(request), patience_); }
    /// The same with a patience of its own.
    void send(base::PageString request, std::chrono::milliseconds patience);
    /// Ends it without an event.
    void close();

    /// For an answer.
    [[nodiscard]] bool is_waiting() const noexcept { return is_waiting_; }
    /// How many answers have come.
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
    std::chrono::milliseconds patience_now_{}; // of the request under way
    Events events_;
    base::PageString request_;
    std::size_t written_ = 0;
    std::optional<Parser> parser_;
    // Received bytes that the parser has not taken yet, less than a header.
    std::string pending_;
    std::array<char, std::size_t{16} * 1024> buffer_; // for read
    std::uint64_t answers_ = 0;
    std::uint64_t progress_ = 0; // of writing; waits for earlier progress are over
    bool is_waiting_ = false;
    bool is_closed_ = false;
};

} // namespace tickertape::push
