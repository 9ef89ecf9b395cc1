// SPDX-License-Identifier: MIT
#include <tickertape/testkit/fake_tsd.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.hpp"

using namespace tickertape::testkit;
using namespace std::chrono_literals;

namespace {

using Lines = std::vector<std::string>;

/// A blocking connection to a fake TSD. Nothing waits for longer than a minute.
class Peer {
public:
    explicit Peer(const FakeTsd& tsd, int family = AF_INET) : fd_{socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        const timeval minute{60, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof minute);
        setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &minute, sizeof minute);
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(tsd.port());
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(tsd.port());
        v6.sin6_addr = in6addr_loopback;
        connected_ = (family == AF_INET ? connect(fd_, reinterpret_cast<sockaddr*>(&v4), sizeof v4)
                                        : connect(fd_, reinterpret_cast<sockaddr*>(&v6), sizeof v6)) == 0;
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() { close(fd_); }

    [[nodiscard]] bool connected() const { return connected_; }
    /// Returns false when the connection is gone.
    bool say(std::string_view text) const { // NOLINT(*-use-nodiscard)
        while (!text.empty()) {
            const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent < 0) {
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void half_close() const { shutdown(fd_, SHUT_WR); }
    /// Reads until FIN; an RST shows as `(reset)` and a minute of silence as `(nothing)`, each at the end.
    [[nodiscard]] std::string rest() const {
        return read_while([](const std::string&) { return true; });
    }
    /// Reads up to and with `end`.
    [[nodiscard]] std::string until(std::string_view end) const {
        return read_while([&](const std::string& text) { return !text.ends_with(end); });
    }
    /// Sends, half-closes, and reads all.
    [[nodiscard]] std::string ask(std::string_view text) const {
        say(text);
        half_close();
        return rest();
    }

private:
    template <class F>
    std::string read_while(F more) const {
        std::string text;
        while (more(text)) {
            char c = 0;
            const ssize_t got = recv(fd_, &c, 1, 0);
            if (got == 0) {
                break;
            }
            if (got < 0) {
                return text + (errno == ECONNRESET ? "(reset)" : "(nothing)");
            }
            text += c;
        }
        return text;
    }

    int fd_;
    bool connected_ = false;
};

} // namespace

TEST_CASE("A fake TSD takes points, answers version, and knows what it got") {
    FakeTsd tsd;
    const Peer peer{tsd};
    peer.say("put m 1700000000 1 host=a\nput m 1700000001 2 host=a\nput m 1700000000 1 host=a\nversion\n");
    CHECK_THAT(peer.until("fake-tsd\n"), Catch::Matchers::ContainsSubstring(" built at revision "));
    const Received received = tsd.received();
    CHECK(received.stored == 3);
    CHECK(received.distinct == 2);
    CHECK(received.duplicates == 1);
    CHECK(received.refused == 0);
    CHECK(received.lines == 4);
    CHECK(received.versions == 1);
    CHECK(received.connections == 1);
    CHECK(received.open == 1);
    CHECK(tsd.lines() == Lines{"put m 1700000000 1 host=a", "put m 1700000001 2 host=a", "put m 1700000000 1 host=a"});
    CHECK(tsd.lines_of(0).back() == "version");
    CHECK(tsd.contains("put m 1700000001 2 host=a"));
    CHECK_FALSE(tsd.contains("put m 1700000001 2 host=b"));
}

TEST_CASE("A connection is reset after the line that was asked for") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::reset, .after_lines = 2, .connections = 1}}}};
    const std::string three = "put m 1700000000 1 host=a\nput m 1700000001 2 host=a\nput m 1700000002 2 host=a\n";
    const Peer first{tsd};
    first.say(three);
    CHECK(first.rest() == "(reset)");
    CHECK(tsd.stored() == 2);
    const Peer second{tsd};
    CHECK(second.ask(three).empty());
    CHECK(tsd.stored() == 5);
}

TEST_CASE("A stalled server takes the connection and reads nothing until the fault is gone") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::stall}}}};
    const Peer peer{tsd};
    REQUIRE(peer.connected());
    peer.say("put m 1700000000 1 host=a\n");
    REQUIRE(tsd.wait_until([](const Received& received) { return received.open == 1; }));
    CHECK(tsd.received().bytes == 0);
    tsd.set_faults({});
    CHECK(tsd.wait_for(1));
}

TEST_CASE("A server may close each connection that it has accepted") {
    FakeTsd tsd{{.faults = {.breakage = {.how = Break::close}}}};
    for (int i = 0; i < 3; ++i) {
        const Peer peer{tsd};
        CHECK(peer.rest().empty());
    }
    CHECK(tsd.connections() == 3);
    CHECK(tsd.stored() == 0);
}
