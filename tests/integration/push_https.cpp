// SPDX-License-Identifier: MIT
// TsdHttp and Influx over TLS, with a server whose certificates the test makes.
#if __has_include(<openssl/ssl.h>)

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <support/catch.hpp>
#include <support/certificates.hpp>
#include <support/pushing.hpp>
#include <support/real_servers.hpp>
#include <tickertape/influx.hpp>
#include <tickertape/testkit/fake_tsd.hpp>
#include <tickertape/tls.hpp>

#include "stage/ledger.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using boost::asio::ip::tcp;
using test::Authority;
using test::check_accounts;
using test::Identity;
using test::make_identity;
using test::push_http;
using test::Pushed;
using test::some_points;
using testkit::FakeTsd;

namespace asio = boost::asio;

/// Decrypts the received bytes and passes them on to a FakeTsd, and the answers back.
class TlsFront {
public:
    TlsFront(const Identity& identity, std::uint16_t behind,
             asio::ssl::context::method method = asio::ssl::context::tls_server)
        : context_{method}, behind_{behind} {
        SSL_CTX_use_certificate(context_.native_handle(), identity.certificate.get());
        SSL_CTX_use_PrivateKey(context_.native_handle(), identity.key.get());
        SSL_CTX_set_tlsext_servername_callback(context_.native_handle(), &TlsFront::note_name);
        SSL_CTX_set_tlsext_servername_arg(context_.native_handle(), this);
        accept();
        thread_ = std::thread{[this] { io_.run(); }};
    }
    TlsFront(const TlsFront&) = delete;
    TlsFront& operator=(const TlsFront&) = delete;
    ~TlsFront() {
        io_.stop();
        thread_.join();
    }
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] unsigned handshakes() const { return handshakes_; }
    [[nodiscard]] unsigned named_localhost() const { return named_localhost_; }
    asio::ssl::context& context() { return context_; }

private:
    using Outer = asio::ssl::stream<tcp::socket>;
    struct Pair {
        Pair(tcp::socket socket, asio::ssl::context& context, asio::io_context& io)
            : outer{std::move(socket), context}, inner{io} {}
        Outer outer;
        tcp::socket inner;
        std::array<char, 65536> in{};
        std::array<char, 65536> back{};
    };

    static int note_name(SSL* ssl, int*, void* self) {
        const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        static_cast<TlsFront*>(self)->named_localhost_ +=
            name != nullptr && std::string_view{name} == "localhost" ? 1U : 0U;
        return SSL_TLSEXT_ERR_OK;
    }

    void accept() {
        acceptor_.async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
            if (error) {
                return;
            }
            auto pair = std::make_shared<Pair>(std::move(socket), context_, io_);
            pair->outer.async_handshake(
                asio::ssl::stream_base::server, [this, pair](const boost::system::error_code& failure) {
                    if (!failure) {
                        ++handshakes_;
                        boost::system::error_code ignored;
                        pair->inner.connect({asio::ip::address_v4::loopback(), behind_}, ignored);
                        move(pair, pair->outer, pair->inner, pair->in);
                        move(pair, pair->inner, pair->outer, pair->back);
                    }
                });
            accept();
        });
    }

    template <class From, class To>
    void move(const std::shared_ptr<Pair>& pair, From& from, To& to, std::array<char, 65536>& buffer) {
        from.async_read_some(asio::buffer(buffer), [this, pair, &from, &to,
                                                    &buffer](const boost::system::error_code& error, std::size_t got) {
            if (error) {
                boost::system::error_code ignored;
                pair->inner.close(ignored);
                pair->outer.lowest_layer().close(ignored);
                return;
            }
            asio::async_write(to, asio::buffer(buffer, got),
                              [this, pair, &from, &to, &buffer](const boost::system::error_code& failure, std::size_t) {
                                  if (!failure) {
                                      move(pair, from, to, buffer);
                                  }
                              });
        });
    }

    asio::io_context io_;
    asio::ssl::context context_;
    std::uint16_t behind_;
    tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
    std::atomic<unsigned> handshakes_{0};
    std::atomic<unsigned> named_localhost_{0};
    std::thread thread_;
};

std::string https(const std::string& host, const TlsFront& front) {
    return "https://" + host + ":" + std::to_string(front.port());
}

/// Returns why no point gets through.
std::string failure_of(const std::string& target, const push::TlsLayer& layer) {
    TsdHttp transmitter{target, {.host_tag = HostTag::named("h"), .tls = layer}};
    test::publish_all(transmitter, some_points(10));
    const auto limit = test::in(test::long_time);
    while (transmitter.status().targets.at(0).failures < 2 && std::chrono::steady_clock::now() < limit) {
        std::this_thread::sleep_for(1ms);
    }
    CHECK(transmitter.accounts()->now().in_flight == 10);
    return transmitter.status().targets.at(0).last_failure;
}

} // namespace

TEST_CASE("HTTPS: points arrive at a server that proves to be the one that is named, by a name or an address") {
    const auto [host, alternatives] =
        GENERATE(std::pair{"localhost", "DNS:localhost"}, std::pair{"127.0.0.1", "IP:127.0.0.1"});
    CAPTURE(host);
    const Authority authority;
    const FakeTsd tsd;
    const TlsFront front{make_identity({.alternatives = alternatives}, &authority.identity), tsd.port()};
    const auto points = some_points(20'000);
    const Pushed pushed = push_http(https(host, front), points, {.tls = authority.layer()});
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.stored() == points.size());
    CHECK(tsd.distinct() == points.size());
    CHECK(pushed.status.targets.at(0).failures == 0);
    CHECK(front.named_localhost() == (std::string_view{host} == "localhost" ? front.handshakes() : 0));
}

TEST_CASE("HTTPS: a server that cannot prove its name gets nothing, and the message gives the reason") {
    const Authority authority;
    const Authority other{"Another authority"};
    const FakeTsd tsd;
    struct Row {
        const char* what;
        const char* host;
        Identity identity;
        const char* says;
    };
    std::vector<Row> rows;
    rows.push_back({"another name", "localhost",
                    make_identity({.alternatives = "DNS:example.com"}, &authority.identity), "ostname mismatch"});
    rows.push_back({"another address", "127.0.0.1",
                    make_identity({.alternatives = "IP:127.0.0.2,DNS:127.0.0.1"}, &authority.identity),
                    "IP address mismatch"});
    rows.push_back(
        {"an unknown authority", "localhost", make_identity({}, &other.identity), "unable to get local issuer"});
    rows.push_back(
        {"expired", "localhost", make_identity({.from = -2h, .until = -1h}, &authority.identity), "expired"});
    rows.push_back(
        {"not yet valid", "localhost", make_identity({.from = 1h, .until = 2h}, &authority.identity), "not yet valid"});
    rows.push_back({"signed by itself", "localhost", make_identity({.name = "localhost"}), "self"});
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const TlsFront front{row.identity, tsd.port()};
        CHECK_THAT(failure_of(https(row.host, front), authority.layer()),
                   Catch::Matchers::ContainsSubstring("its certificate is not trusted") &&
                       Catch::Matchers::ContainsSubstring(row.says));
    }
    CHECK(tsd.received().bytes == 0);
}

TEST_CASE("HTTPS: a server whose TLS is older than 1.2 gets nothing") {
    const Authority authority;
    const FakeTsd tsd;
    TlsFront front{make_identity({}, &authority.identity), tsd.port()};
    SSL_CTX_set_security_level(front.context().native_handle(), 0);
    SSL_CTX_set_min_proto_version(front.context().native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(front.context().native_handle(), TLS1_1_VERSION);
    CHECK(!failure_of(https("localhost", front), authority.layer()).empty());
    CHECK(tsd.received().bytes == 0);
}

TEST_CASE("HTTPS: without verification any server is accepted") {
    const FakeTsd tsd;
    const TlsFront front{make_identity({.name = "whoever"}), tsd.port()};
    const auto points = some_points(100);
    const Pushed pushed = push_http(https("localhost", front), points, {.tls = tls({.verify = false})});
    CHECK(pushed.account.acked == points.size());
}

TEST_CASE("HTTPS: a server that breaks the connection in the middle gets the points again") {
    const Authority authority;
    FakeTsd tsd{{.faults = {.breakage = {.how = testkit::Break::reset, .after_lines = 700, .connections = 4}}}};
    const TlsFront front{make_identity({}, &authority.identity), tsd.port()};
    const auto points = some_points(10'000);
    const Pushed pushed = push_http(https("localhost", front), points, {.tls = authority.layer()});
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    CHECK(tsd.distinct() == points.size());
}

TEST_CASE("HTTPS: a server that requests our certificate gets it, and takes nothing without it") {
    const Authority authority;
    const FakeTsd tsd;
    TlsFront front{make_identity({}, &authority.identity), tsd.port()};
    SSL_CTX_set_verify(front.context().native_handle(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(front.context().native_handle()), authority.identity.certificate.get());
    const Identity ours = make_identity({.name = "us", .alternatives = "DNS:us"}, &authority.identity);
    authority.directory.write("us.pem", test::pem(ours));
    authority.directory.write("us.key", test::key_pem(ours));
    const auto in_folder = [&](const char* name) { return authority.directory.path() / name; };
    const auto points = some_points(100);
    const push::TlsLayer layer =
        tls({.ca_file = in_folder("ca.pem"), .certificate_file = in_folder("us.pem"), .key_file = in_folder("us.key")});
    const Pushed pushed = push_http(https("localhost", front), points, {.tls = layer});
    check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());

    TsdHttp stranger{https("localhost", front), {.host_tag = HostTag::named("h"), .tls = authority.layer()}};
    test::publish_all(stranger, some_points(10, "stranger"));
    const auto limit = test::in(test::long_time);
    while (stranger.status().targets.at(0).failures == 0 && std::chrono::steady_clock::now() < limit) {
        std::this_thread::sleep_for(1ms);
    }
    CHECK(stranger.status().targets.at(0).failures > 0);
    CHECK(tsd.stored() == points.size());

    CHECK_THROWS_AS(tls({.certificate_file = in_folder("us.pem")}), UsageError);
    CHECK_THROWS_AS(tls({.certificate_file = in_folder("ca.pem"), .key_file = in_folder("us.key")}), UsageError);
    CHECK_THROWS_AS(tls({.certificate_file = in_folder("nothing.pem"), .key_file = in_folder("us.key")}), UsageError);
}

TEST_CASE("HTTPS: a file that holds no certificates is refused, and credentials with both kinds of targets") {
    const Authority authority;
    authority.directory.write("nonsense.pem", "nonsense");
    CHECK_THROWS_AS(tls({.ca_file = authority.directory.path() / "nonsense.pem"}), UsageError);
    CHECK_THROWS_AS(tls({.ca_file = authority.directory.path() / "nothing.pem"}), UsageError);
    const PushOptions options{.credentials = Credentials::user("a", "b"), .tls = authority.layer()};
    CHECK_THROWS_AS((TsdHttp{Targets{"https://localhost", "http://localhost"}, options}), UsageError);
    CHECK_NOTHROW(TsdHttp{Targets{"https://localhost", "https://localhost:1"}, options});
}

TEST_CASE("influxs: points arrive at a real InfluxDB behind TLS, and not at one that proves nothing") {
    const Authority authority;
    test::RealInfluxDb server;
    const TlsFront front{make_identity({}, &authority.identity), Target{server.influx()}.port()};
    const std::string target = "influxs://localhost:" + std::to_string(front.port()) + "/opentsdb";
    const auto points = some_points(5'000);
    const PushOptions options{.host_tag = HostTag::named("h"), .tls = authority.layer()};
    {
        Influx influx{target, options};
        test::publish_all(influx, points);
        REQUIRE(influx.flush(test::in(test::long_time)));
        const Account account = influx.accounts()->now();
        CHECK(account.acked == points.size());
        CHECK(account.balanced());
    }
    CHECK(front.handshakes() > 0);
    CHECK(server.points("m", points.size()).size() == points.size());

    const Authority other{"Another authority"};
    Influx stranger{target, {.host_tag = HostTag::named("h"), .tls = other.layer()}};
    test::publish_all(stranger, some_points(10, "stranger"));
    const auto limit = test::in(test::long_time);
    while (stranger.status().targets.at(0).failures == 0 && std::chrono::steady_clock::now() < limit) {
        std::this_thread::sleep_for(1ms);
    }
    CHECK_THAT(stranger.status().targets.at(0).last_failure,
               Catch::Matchers::ContainsSubstring("its certificate is not trusted"));
    CHECK(server.points("stranger", 0).empty());
}

TEST_CASE("influxs: without TLS, or with credentials for a target in the clear, too, it is refused with a sentence") {
    const Authority authority;
    CHECK_THROWS_WITH((Influx{"influxs://localhost/db"}),
                      "the target influxs://localhost:8086/db needs TLS: link tickertape::tls and give Influx its "
                      "tls(), as in {.tls = tls()}");
    const PushOptions options{.credentials = Credentials::user("a", "b"), .tls = authority.layer()};
    CHECK_THROWS_WITH((Influx{Targets{"influx://localhost/db", "influxs://localhost/db"}, options}),
                      "there are credentials for targets of influxs and of influx; influx would send them unencrypted");
}

#endif
