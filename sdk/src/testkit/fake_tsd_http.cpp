// SPDX-License-Identifier: MIT
#include <testkit/fake_tsd_http.hpp>

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <testkit/fake_tsd_http_put.hpp>
#include <testkit/fake_tsd_inflate.hpp>

namespace tickertape::testkit {

namespace {

namespace http = boost::beast::http;

using Parser = http::request_parser<http::string_body>;
using Request = Parser::value_type;

constexpr std::size_t opentsdb_body = 8192;
constexpr std::size_t other_body = std::size_t{32} * 1024 * 1024;
constexpr std::size_t most = std::size_t{256} * 1024 * 1024; // the most bytes of a request, whatever the faults

std::string text_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

class Http final : public Protocol {
public:
    explicit Http(Personality personality) : personality_{personality} { renew(); }

    std::size_t receive(std::string_view data, Conversation& conversation) override {
        std::size_t used = 0;
        while (used < data.size() && conversation.lines_left > 0 && conversation.end == Conversation::End::no) {
            boost::system::error_code error;
            used += parser_->put(boost::asio::buffer(data.data() + used, data.size() - used), error);
            if (error == http::error::need_more) {
                break;
            }
            if (error) {
                malformed(conversation);
                return data.size();
            }
            if (parser_->is_header_done() && !greeted_) {
                greeted_ = true;
                greet(conversation);
            }
            if (parser_->is_done()) {
                handle(parser_->get(), conversation);
                renew();
            }
        }
        return used;
    }

    void finish(std::string_view, Conversation&) override {} // ignores an incomplete request

private:
    void renew() {
        parser_ = std::make_unique<Parser>();
        parser_->body_limit(most);
        parser_->header_limit(8192);
        parser_->eager(true);
        greeted_ = false;
        settled_ = false;
    }

    [[nodiscard]] bool is_opentsdb() const { return personality_ == Personality::opentsdb; }
    [[nodiscard]] std::size_t max_body(const Faults& faults) const {
        return faults.max_body.value_or(is_opentsdb() ? opentsdb_body : other_body);
    }
    static bool expects(const Request& request) {
        return http::token_list{request[http::field::expect]}.exists("100-continue");
    }

    /// The header is complete. Answers a client that waits for `100 Continue`.
    void greet(Conversation& conversation) {
        if (!expects(parser_->get()) || personality_ == Personality::silent) {
            return;
        }
        if (is_opentsdb() && !conversation.faults->max_body) {
            too_large(parser_->get(), conversation);
            settled_ = true;
        } else {
            conversation.answer("HTTP/1.1 100 Continue\r\n\r\n");
        }
    }

    void malformed(Conversation& conversation) const {
        ++conversation.batch.counts.refused;
        conversation.end = Conversation::End::close;
        if (personality_ != Personality::silent && !is_opentsdb()) { // OpenTSDB hangs up instead
            conversation.answer("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                "Connection: close\r\n\r\n400 Bad Request");
        }
    }

    void reply(const Request& request, const HttpReply& reply, Conversation& conversation) const {
        if (reply.closes || !request.keep_alive()) {
            conversation.end = reply.unsaid ? Conversation::End::close_unsaid : Conversation::End::close;
        }
        if (personality_ == Personality::silent || reply.unsaid) {
            return;
        }
        std::string text = "HTTP/1.1 ";
        const std::string reason = text_of(http::obsolete_reason(http::int_to_status(reply.status)));
        text.append(std::to_string(reply.status)).append(" ").append(reason).append("\r\n");
        if (!reply.body.empty() || is_opentsdb()) {
            text.append("Content-Type: ").append(reply.type).append("\r\n");
        }
        // The other two never send a length with a 204. OpenTSDB sends none when it closes the connection.
        const bool closes = conversation.end != Conversation::End::no;
        if (is_opentsdb() ? !closes : reply.status != 204) {
            text.append("Content-Length: ").append(std::to_string(reply.body.size())).append("\r\n");
        }
        text.append(reply.headers);
        if (closes && !is_opentsdb()) {
            text.append("Connection: close\r\n");
        }
        conversation.answer(text.append("\r\n").append(reply.body));
    }

    void too_large(const Request& request, Conversation& conversation) const {
        const unsigned status = conversation.faults->large_body_status;
        HttpReply answer = status == 0 ? HttpReply{.closes = true, .unsaid = true}
                           : status == 400
                               ? html_reply(400, "Bad Request", "Looks like it's your fault this time",
                                            "Sorry but your request was rejected as being invalid.<br/><br/>"
                                            "The reason provided was:<blockquote>"
                                            "Chunked request not supported.</blockquote>")
                               : error_reply(status, "");
        if (status != 0 && !is_opentsdb() && !conversation.faults->max_body) {
            answer = {.status = 400,
                      .body = "too big HTTP OpenTSDB request; mustn't exceed 33554432 bytes\n",
                      .closes = true};
        }
        reply(request, answer, conversation);
    }

    void handle(const Request& request, Conversation& conversation) {
        ++conversation.batch.counts.requests;
        const std::string target = text_of(request.target());
        const std::string_view path = std::string_view{target}.substr(0, target.find('?'));
        constexpr std::size_t longest_line = 4096;
        if (is_opentsdb() && target.size() > longest_line) {
            malformed(conversation);
            return;
        }
        const bool is_put = path == "/api/put" || (is_opentsdb() && (path == "/api/put/" || path == "/api/v1/put"));
        if (!is_put) {
            reply(request, other_path(personality_, path), conversation);
            return;
        }
        HttpRequest record{.target = target,
                           .encoding = text_of(request[http::field::content_encoding]),
                           .wire_size = request.body().size(),
                           .chunked = request.chunked(),
                           .expects_continue = expects(request),
                           .authorization = text_of(request[http::field::authorization])};
        const bool odd = is_opentsdb() && !conversation.faults->max_body && (record.chunked || record.expects_continue);
        if (odd || record.wire_size > max_body(*conversation.faults)) {
            record.status = conversation.faults->large_body_status;
            ++conversation.batch.counts.refused;
            if (!settled_) {
                too_large(request, conversation);
            }
        } else if (request.method() != http::verb::post) {
            const HttpReply answer = not_a_post(personality_, text_of(request.method_string()));
            record.status = answer.status;
            reply(request, answer, conversation);
        } else {
            put(request, record, conversation);
        }
        if (conversation.common.ledger.keep() == Keep::lines) {
            conversation.batch.request(std::move(record));
        }
    }

    void put(const Request& request, HttpRequest& record, Conversation& conversation) const {
        HttpReply answer;
        bool readable = true;
        if (record.encoding.empty() || record.encoding == "identity") {
            record.body = request.body();
        } else {
            readable = inflate(request.body(), most, record.body);
        }
        answer = readable ? answer_put(personality_, record, conversation) : unreadable_gzip(personality_);
        conversation.batch.counts.refused += readable ? 0 : 1;
        record.status = answer.unsaid ? 0 : answer.status;
        reply(request, answer, conversation);
    }

    const Personality personality_;
    std::unique_ptr<Parser> parser_;
    bool greeted_ = false;
    bool settled_ = false; // the answer was sent before the body came
};

} // namespace

std::unique_ptr<Protocol> make_http(Personality personality) { return std::make_unique<Http>(personality); }

} // namespace tickertape::testkit
