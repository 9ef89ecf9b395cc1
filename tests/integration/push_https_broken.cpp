// SPDX-License-Identifier: MIT
// TLS servers that end connections at every wrong moment. AddressSanitizer shows the fault that this test looks for: freed memory
// that an operation in progress still uses.
#if __has_include(<openssl/ssl.h>)

#include <openssl/ssl.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <support/catch.hpp>
#include <support/certificates.hpp>
#include <support/pushing.hpp>
#include <tickertape/influx.hpp>
#include <tickertape/tls.hpp>
#include <tickertape/tsd_client.hpp>

#include "stage/ledger.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using boost::asio::ip::tcp;

namespace asio = boost::asio;

enum class How {
    close,              ///< instead of answering a request
    busy_and_close,     ///< answers 503 and `Connection: close`, and closes
    reset_in_handshake, ///< after the client's first bytes
    close_in_handshake,
    truncate, ///< ends the connection, without TLS's own end, in the middle of an answer
    stall,    ///< never answers
};

/// Ends each connection in one given way.
class BrokenServer {
public:
    BrokenServer(const test::Identity& identity, How how) : how_{how} {
        SSL_CTX_use_certificate(context_.native_handle(), identity.certificate.get());
        SSL_CTX_use_PrivateKey(context_.native_handle(), identity.key.get());
        accept();
        thread_ = std::thread{[this] { io_.run(); }};
    }
    BrokenServer(const BrokenServer&) = delete;
    BrokenServer& operator=(const BrokenServer&) = delete;
    ~BrokenServer() {
        io_.stop();
        thread_.join();
    }
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] unsigned connections() const { return connections_; }

private:
    struct Session {
        Session(tcp::socket socket, asio::ssl::context& context) : stream{std::move(socket), context} {}
        void end(bool reset) {
            boost::system::error_code ignored;
            stream.lowest_layer().set_option(tcp::socket::linger{reset, 0}, ignored);
            stream.lowest_layer().close(ignored);
        }
        asio::ssl::stream<tcp::socket> stream;
        std::array<char, 65536> buffer{};
    };

    void accept() {
        acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
            if (error) {
                return;
            }
            ++connections_;
            greet(std::make_shared<Session>(std::move(socket), context_));
            accept();
        });
    }
    void greet(const std::shared_ptr<Session>& session) {
        if (how_ == How::reset_in_handshake || how_ == How::close_in_handshake) {
            session->stream.next_layer().async_read_some(
                asio::buffer(session->buffer), [this, session](const boost::system::error_code&, std::size_t) {
                    session->end(how_ == How::reset_in_handshake);
                });
            return;
        }
        session->stream.async_handshake(asio::ssl::stream_base::server,
                                        [this, session](const boost::system::error_code& error) {
                                            if (!error) {
                                                serve(session);
                                            }
                                        });
    }
    void serve(const std::shared_ptr<Session>& session) {
        session->stream.async_read_some(asio::buffer(session->buffer),
                                        [this, session](const boost::system::error_code& error, std::size_t) {
                                            if (!error) {
                                                answer(session);
                                            }
                                        });
    }
    void answer(const std::shared_ptr<Session>& session) {
        constexpr std::string_view busy = "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
        constexpr std::string_view begun = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"success\":";
        switch (how_) {
        case How::busy_and_close: say(session, busy); break;
        case How::truncate: say(session, begun); break;
        case How::stall: serve(session); break;
        default: session->end(false); break;
        }
    }
    static void say(const std::shared_ptr<Session>& session, std::string_view text) {
        asio::async_write(session->stream, asio::buffer(text),
                          [session](const boost::system::error_code&, std::size_t) { session->end(false); });
    }

    How how_;
    asio::io_context io_;
    asio::ssl::context context_{asio::ssl::context::tls_server};
    tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
    std::atomic<unsigned> connections_{0};
    std::thread thread_;
};

/// Returns the connections for each way and each protocol; scripts/check soak uses a thousand.
unsigned connections_each() {
    const char* const wanted = std::getenv("TICKERTAPE_TLS_CONNECTIONS");
    return wanted == nullptr ? 25 : static_cast<unsigned>(std::strtoul(wanted, nullptr, 10));
}

/// Waits until the server has had `connections` more, or the transmitter has failed.
template <class Failures>
void wait_for(const BrokenServer& server, unsigned connections, Failures failures) {
    const auto deadline = test::in(test::long_time);
    while (server.connections() < connections && failures() == 0 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(1ms);
    }
}

/// Makes transmitters that come and go, each with enough work for several connections at once.
template <class Make>
void push_until(const BrokenServer& server, unsigned connections, Make make) {
    const auto points = test::some_points(4'000);
    const auto deadline = test::in((4 + connections_each() / 25) * test::long_time);
    while (server.connections() < connections && std::chrono::steady_clock::now() < deadline) {
        auto transmitter = make();
        test::publish_all(transmitter, points);
        wait_for(server, server.connections() + 3, [&] { return transmitter.status().targets.at(0).failures; });
        const Account account = transmitter.accounts()->now();
        CHECK(account.balanced());
        CHECK(account.acked == 0);
    }
    CHECK(server.connections() >= connections);
}

} // namespace

TEST_CASE("TLS: connections that end at any moment, while others are in their handshake, affect no other connection") {
    const How how = GENERATE(How::close, How::busy_and_close, How::reset_in_handshake, How::close_in_handshake,
                             How::truncate, How::stall);
    CAPTURE(static_cast<int>(how));
    const test::Authority authority;
    const BrokenServer server{test::make_identity({.alternatives = "IP:127.0.0.1"}, &authority.identity), how};
    const std::string port = std::to_string(server.port());
    const HostTag host = HostTag::named("h");
    const unsigned each = connections_each();
    push_until(server, each,
               [&] { return TsdHttp{"https://127.0.0.1:" + port, {.host_tag = host, .tls = authority.layer()}}; });
    push_until(server, 2 * each, [&] {
        return Influx{"influxs://127.0.0.1:" + port + "/db", {.host_tag = host, .tls = authority.layer()}};
    });
}

TEST_CASE("TLS: clients that end while connections are in their handshake end well") {
    const How how = GENERATE(How::close, How::busy_and_close, How::reset_in_handshake, How::stall);
    CAPTURE(static_cast<int>(how));
    const test::Authority authority;
    const BrokenServer server{test::make_identity({.alternatives = "IP:127.0.0.1"}, &authority.identity), how};
    const Targets targets{"https://127.0.0.1:" + std::to_string(server.port())};
    const unsigned each = connections_each();
    const auto deadline = test::in((4 + connections_each() / 25) * test::long_time);
    while (server.connections() < each && std::chrono::steady_clock::now() < deadline) {
        TsdClient client{targets,
                         {.check_host = false, .flush_interval = 1ms, .linger = 0ms, .tls = authority.layer()}};
        for (int i = 0; i < 2'000; ++i) {
            (void)client.send("m", i, {{"i", std::to_string(i)}});
        }
        wait_for(server, server.connections() + 2, [&] { return client.status().targets.at(0).failures; });
        client.stop();
        CHECK(client.account().balanced());
    }
    CHECK(server.connections() >= each);
}

#endif
