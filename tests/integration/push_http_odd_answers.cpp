// SPDX-License-Identifier: MIT
// TsdHttp and servers with answers that no TSD gives.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <support/catch.hpp>
#include <support/pushing.hpp>

#include "stage/ledger.hpp"

namespace {

using namespace std::chrono_literals;
using namespace tickertape;
using Catch::Matchers::ContainsSubstring;

constexpr const char* fine = "HTTP/1.1 204 No Content\r\n\r\n";

/// Answers each request by the next text of a list, and all further requests by 204. A text that ends with `(close)` also ends
/// the connection.
class OddServer {
public:
    explicit OddServer(std::vector<std::string> answers) : answers_{std::move(answers)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listener_, 10) == 0);
        REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread{[this] {
            for (int peer = 0; (peer = ::accept(listener_, nullptr, nullptr)) >= 0;) {
                serve(peer);
                ::close(peer);
            }
        }};
    }
    OddServer(const OddServer&) = delete;
    OddServer& operator=(const OddServer&) = delete;
    ~OddServer() {
        ::shutdown(listener_, SHUT_RDWR); // ends the wait for the next connection
        thread_.join();
        ::close(listener_);
    }

    [[nodiscard]] std::string target() const { return "http://127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::size_t requests() const { return requests_; }

private:
    void serve(int peer) {
        std::string got;
        std::array<char, 4096> buffer{};
        while (true) {
            const ssize_t size = ::recv(peer, buffer.data(), buffer.size(), 0);
            if (size <= 0) {
                return;
            }
            got.append(buffer.data(), static_cast<std::size_t>(size));
            const std::size_t head = got.find("\r\n\r\n");
            if (head != std::string::npos &&
                got.starts_with("GET ")) { // the question for its version: it is no OpenTSDB
                got.clear();
                constexpr std::string_view none = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
                (void)::send(peer, none.data(), none.size(), MSG_NOSIGNAL);
                continue;
            }
            const std::size_t length = got.find("Content-Length: ");
            if (head == std::string::npos || got.size() < head + 4 + std::stoul(got.substr(length + 16))) {
                continue;
            }
            got.clear();
            const std::size_t number = requests_++;
            std::string answer = number < answers_.size() ? answers_[number] : fine;
            const bool closes = answer.ends_with("(close)");
            answer.resize(answer.size() - (closes ? 7 : 0));
            (void)::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
            if (closes) {
                return;
            }
        }
    }

    std::vector<std::string> answers_;
    int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::uint16_t port_ = 0;
    std::atomic<std::size_t> requests_{0};
    std::thread thread_;
};

struct Came {
    Account account{};
    PushStatus status{};
    std::size_t requests = 0;
};

/// Pushes a few points over one connection.
Came push_to(std::vector<std::string> answers, PushOptions options = {}) {
    const OddServer server{std::move(answers)};
    options.connections = 1;
    const auto points = test::some_points(20);
    const test::Pushed pushed = test::push_http(server.target(), points, options);
    test::check_accounts(pushed, points.size());
    CHECK(pushed.account.acked == points.size());
    return {pushed.account, pushed.status, server.requests()};
}

} // namespace

TEST_CASE("HTTP: valid answers in unusual forms are understood") {
    const std::string all = R"({"failed":0,"success":20})";
    const std::string answer = GENERATE_COPY(
        std::string{fine}, std::string{"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n(close)"},
        std::string{"HTTP/1.0 200 OK\r\n\r\n" + all + "(close)"}, // the answer ends with the connection
        std::string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n19\r\n" + all + "\r\n0\r\n\r\n"},
        std::string{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"});
    CAPTURE(answer);
    const Came came = push_to({answer});
    CHECK(came.account.resent == 0);
    CHECK(came.requests == 1);
    CHECK(came.status.targets.at(0).failures == 0);
}

TEST_CASE("HTTP: a 200 without a TSD's count of stored points acknowledges nothing, and the points are kept") {
    const std::string body = GENERATE("", "{}", "<html>Please log in</html>", R"({"failed":0,"success":0,"errors":[]})",
                                      R"({"failed":0,"success":10,"errors":[]})",
                                      R"({"failed":-1,"success":18446744073709551615,"errors":[]})");
    CAPTURE(body);
    const Came came =
        push_to({"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body});
    CHECK(came.requests == 2);
    CHECK(came.status.targets.at(0).failures == 1);
    CHECK_THAT(came.status.targets.at(0).last_failure, ContainsSubstring("not as a TSD does"));
}

TEST_CASE("HTTP: points without a complete HTTP answer are sent again") {
    const auto [answer, says] = GENERATE(
        std::pair<std::string, std::string>{"SSH-2.0-OpenSSH_9.2\r\n\r\n", "its answer is no HTTP"},
        std::pair<std::string, std::string>{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{(close)", "in the middle"},
        std::pair<std::string, std::string>{"HTTP/1.1 20(close)", "in the middle"},
        std::pair<std::string, std::string>{"HTTP/1.1 204 No Content\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
                                            "no HTTP"},
        std::pair<std::string, std::string>{"(close)", "instead of answering"});
    CAPTURE(says);
    const Came came = push_to({answer});
    const bool was_answered = std::string_view{says}.find("no HTTP") != std::string_view::npos;
    CHECK(came.account.resent == (was_answered ? 0 : 20)); // it counts the points in doubt
    CHECK(came.requests == 2);
    CHECK(came.status.targets.at(0).failures == 1);
    CHECK_THAT(came.status.targets.at(0).last_failure, ContainsSubstring(says));
}

TEST_CASE("HTTP: an answer without end is not read to its end") {
    const std::string large(std::size_t{2} * 1024 * 1024, ' ');
    for (const std::string& body : {"Content-Length: 2097152\r\n\r\n" + large, "\r\n" + large + "(close)"}) {
        const Came came = push_to({"HTTP/1.1 400 Bad Request\r\n" + body});
        CHECK(came.account.all_rejected() == 0);
        CHECK(came.requests > 1); // in parts, because the answer may have been about one point
    }
}

TEST_CASE("HTTP: a redirection is not followed") {
    const OddServer elsewhere{{}};
    const Came came = push_to({"HTTP/1.1 307 Temporary Redirect\r\nLocation: " + elsewhere.target() +
                               "/api/put\r\nContent-Length: 0\r\n\r\n"},
                              {.credentials = Credentials::bearer("secret")});
    CHECK(came.requests == 2);
    CHECK(elsewhere.requests() == 0);
    CHECK_THAT(came.status.targets.at(0).last_failure, ContainsSubstring("which is not followed"));
}

TEST_CASE("HTTP: credentials that a server repeats are masked in reports") {
    const Came came = push_to({"HTTP/1.1 401 Unauthorized\r\nContent-Length: 26\r\n\r\nwrong token Bearer sesame\n",
                               "HTTP/1.1 302 Found\r\nLocation: http://sesame/\r\nContent-Length: 0\r\n\r\n"},
                              {.credentials = Credentials::bearer("sesame")});
    std::string all = came.status.targets.at(0).last_failure;
    for (const PushStatus::Reply& reply : came.status.replies) {
        all += reply.sample;
    }
    CHECK_THAT(all, ContainsSubstring("***"));
    CHECK(all.find("sesame") == std::string::npos);
}

TEST_CASE("HTTP: an unrequested answer, and the close of an idle connection, are no failures") {
    const OddServer server{{std::string{fine} + "HTTP/1.1 408 Request Time-out\r\nConnection: close\r\n\r\n(close)",
                            std::string{fine} + "(close)"}};
    TsdHttp transmitter{server.target(), {.host_tag = HostTag::named("h"), .connections = 1}};
    for (int i = 0; i < 4; ++i) {
        test::publish_all(transmitter, test::some_points(10));
        REQUIRE(transmitter.flush(test::in(test::long_time)));
    }
    CHECK(transmitter.accounts()->now().acked == 40);
    CHECK(transmitter.status().targets.at(0).failures == 0);
}
