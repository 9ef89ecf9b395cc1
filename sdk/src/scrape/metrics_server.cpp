// SPDX-License-Identifier: MIT
#include "scrape/metrics_server.hpp"

#include <fcntl.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <list>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <tickertape/name.hpp>
#include <tickertape/serve_metrics.hpp>

#include "base/concat.hpp"
#include "base/forks.hpp"
#include "base/quote.hpp"
#include "base/threads.hpp"
#include "base/whole_number.hpp"
#include "push/inherited.hpp"
#include "push/run_for_good.hpp"
#include "scrape/metrics_page.hpp"

namespace tickertape::scrape {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t longest_head = 8192;
constexpr std::chrono::milliseconds rest_without_descriptors{100};

tcp::endpoint endpoint_of(std::string_view listen) {
    const std::size_t colon = listen.rfind(':');
    const std::string_view text = listen.substr(0, std::min(colon, listen.size()));
    const bool has_brackets = text.starts_with('[') && text.ends_with(']');
    error_code error;
    const asio::ip::address address =
        asio::ip::make_address(std::string{has_brackets ? text.substr(1, text.size() - 2) : text}, error);
    const auto port =
        colon == std::string_view::npos ? std::nullopt : base::whole_number<std::uint16_t>(listen.substr(colon + 1));
    if (error || !port || address.is_v6() != has_brackets) {
        throw UsageError{
            base::concat(base::quote(listen), " is no address with a port, such as 127.0.0.1:9184 or [::1]:9184")};
    }
    return {address, *port};
}

/// A connection with one request and its answer. Its handlers own it.
class Session : public std::enable_shared_from_this<Session> {
public:
    Session(tcp::socket socket, MetricsPage& page) : stream_{std::move(socket)}, page_{page} {
        parser_.header_limit(longest_head);
        parser_.body_limit(longest_head);
    }

    void run(std::chrono::milliseconds longest) {
        stream_.expires_after(longest); // for the request and the answer together
        http::async_read(stream_, buffer_, parser_, [self = shared_from_this()](const error_code& error, std::size_t) {
            if (!error) {
                self->answer();
            }
        });
    }
    void close() { stream_.close(); }

private:
    void answer() {
        const http::request<http::string_body>& request = parser_.get();
        const bool is_head = request.method() == http::verb::head;
        answer_.version(request.version());
        answer_.keep_alive(false);
        answer_.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
        if (request.method() != http::verb::get && !is_head) {
            answer_.result(http::status::method_not_allowed);
            answer_.set(http::field::allow, "GET, HEAD");
        } else if (request.target().substr(0, request.target().find('?')) != "/metrics") {
            answer_.result(http::status::not_found);
            answer_.body() = "see /metrics\n";
        } else {
            answer_.body() = page_.text(std::chrono::steady_clock::now());
        }
        answer_.prepare_payload();
        if (is_head) {
            answer_.body().clear(); // the head keeps its length
        }
        http::async_write(stream_, answer_, [self = shared_from_this()](const error_code&, std::size_t) {
            error_code error; // the peer may be gone
            error = self->stream_.socket().shutdown(tcp::socket::shutdown_send, error);
        });
    }

    beast::tcp_stream stream_;
    MetricsPage& page_;
    beast::flat_buffer buffer_{2 * longest_head};
    http::request_parser<http::string_body> parser_;
    http::response<http::string_body> answer_;
};

} // namespace

struct MetricsServer::State {
    State(std::string_view listen, Limits its_limits)
        : limits{its_limits}, endpoint{endpoint_of(listen)}, acceptor{context} {
        error_code error;
        const auto then = [&error](auto step) { error = error ? error : step(); };
        then([&] { return acceptor.open(endpoint.protocol(), error); });
        then([&] { return acceptor.set_option(tcp::acceptor::reuse_address{true}, error); });
        then([&] { return acceptor.bind(endpoint, error); });
        then([&] { return acceptor.listen(asio::socket_base::max_listen_connections, error); });
        if (error) {
            throw std::system_error{error, base::concat("cannot serve metrics at ", listen)};
        }
        fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC); // Asio does not set it
        endpoint = acceptor.local_endpoint();
        accept();
        thread = base::make_quiet_thread("tt-metrics", [this] { push::run_for_good(context); });
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        context.stop();
        thread.join();
    }
    [[nodiscard]] bool is_forked() const noexcept { return forks.is_child(); }

    void accept() {
        acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
            if (error && error != asio::error::connection_aborted) {
                pause.expires_after(rest_without_descriptors);
                pause.async_wait([this](const error_code&) { accept(); });
                return;
            }
            accept(); // first, because an exception below would end accepting
            if (!error) {
                serve(std::move(socket));
            }
        });
    }
    void serve(tcp::socket socket) {
        fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
        sessions.remove_if([](const std::weak_ptr<Session>& session) { return session.expired(); });
        if (sessions.size() >= limits.connections) {
            if (const auto oldest = sessions.front().lock()) {
                oldest->close(); // a usual reader needs only milliseconds
            }
            sessions.pop_front();
        }
        const auto session = std::make_shared<Session>(std::move(socket), page);
        sessions.push_back(session);
        session->run(limits.request);
    }

    const base::Forks forks;
    const Limits limits;
    MetricsPage page;
    std::list<std::weak_ptr<Session>> sessions; // oldest first
    asio::io_context context{1};                // owns the sessions, so it ends before the page
    tcp::endpoint endpoint;
    tcp::acceptor acceptor;
    asio::steady_timer pause{context};
    std::thread thread;
};

MetricsServer::MetricsServer(std::string_view listen, Limits limits)
    : state_{std::make_unique<State>(listen, limits)} {}
MetricsServer::MetricsServer(MetricsServer&&) noexcept = default;
MetricsServer::~MetricsServer() { base::let_go(std::move(state_)); }

std::uint16_t MetricsServer::port() const noexcept { return state_->endpoint.port(); }

Outcome MetricsServer::publish(std::span<const Point> points) {
    return push::can_push_here(state_->forks) ? state_->page.take(points, std::chrono::steady_clock::now())
                                              : Outcome{.closed = true};
}

} // namespace tickertape::scrape

namespace tickertape {

AnyTransmitter serve_metrics(std::string_view listen) { return scrape::MetricsServer{listen}; }

} // namespace tickertape
