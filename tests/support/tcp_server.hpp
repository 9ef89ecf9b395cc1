// SPDX-License-Identifier: MIT
/// \file
/// TcpServer: a server with any behaviour, with a thread for each connection.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/catch.hpp"

namespace test {

/// A connection of a TcpServer, for blocking use.
class Guest {
public:
    explicit Guest(int fd) : fd_{fd} {}

    /// Returns whether it could be sent.
    bool say(std::string_view text) const { // NOLINT(*-use-nodiscard)
        while (!text.empty()) {
            const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    /// Returns the next received bytes; empty at the end.
    [[nodiscard]] std::string hear() const {
        std::array<char, 65536> buffer; // NOLINT(*-member-init): written before it is read
        const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
        return got <= 0 ? std::string{} : std::string{buffer.data(), static_cast<std::size_t>(got)};
    }
    /// Reads the next line, without its end. Returns false at the end.
    bool line(std::string& line) {
        std::size_t end = 0;
        while ((end = text_.find('\n')) == std::string::npos) {
            const std::string more = hear();
            if (more.empty()) {
                return false;
            }
            text_ += more;
        }
        line = text_.substr(0, end);
        text_.erase(0, end + 1);
        return true;
    }
    /// Reads the body of the next HTTP request with a length, unchanged. Returns false at the end. Answers a question for the
    /// version with 404, as every server except an OpenTSDB does.
    bool request(std::string& body) {
        constexpr std::string_view blank = "\r\n\r\n";
        constexpr std::string_view length = "Content-Length: ";
        while (true) {
            const std::size_t head = text_.find(blank);
            if (head != std::string::npos && text_.starts_with("GET ")) {
                text_.erase(0, head + blank.size());
                say("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
                continue;
            }
            if (head != std::string::npos) {
                const std::size_t size = std::stoul(text_.substr(text_.find(length) + length.size()));
                if (text_.size() >= head + blank.size() + size) {
                    head_ = text_.substr(0, head);
                    body = text_.substr(head + blank.size(), size);
                    text_.erase(0, head + blank.size() + size);
                    return true;
                }
            }
            const std::string more = hear();
            if (more.empty()) {
                return false;
            }
            text_ += more;
        }
    }
    /// Returns the head of the last request.
    [[nodiscard]] const std::string& head() const noexcept { return head_; }
    /// Keeps the connection open as long as the server lives, whatever the peer does.
    void stay() const {
        pollfd until_hung_up{fd_, 0, 0};
        ::poll(&until_hung_up, 1, -1);
    }
    /// Ends the connection by RST.
    void reset() const {
        const linger now{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }

private:
    int fd_;
    std::string text_{};
    std::string head_{};
};

/// Listens on a free port of loopback. A connection ends when `serve` returns; `serve` must return when `hear` finds the end.
class TcpServer {
public:
    explicit TcpServer(std::function<void(Guest& guest)> serve) : serve_{std::move(serve)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listener_, 100) == 0);
        REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        accepter_ = std::thread{[this] { accept(); }};
    }
    TcpServer(const TcpServer&) = delete;
    TcpServer& operator=(const TcpServer&) = delete;
    ~TcpServer() {
        ::shutdown(listener_, SHUT_RDWR); // ends the wait for the next connection
        accepter_.join();
        {
            const std::lock_guard lock{mutex_};
            for (const int guest : open_) {
                ::shutdown(guest, SHUT_RDWR);
            }
        }
        for (std::thread& each : guests_) {
            each.join();
        }
        ::close(listener_);
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::size_t connections() const { return connections_; }

private:
    void accept() {
        for (int fd = 0; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
            ++connections_;
            const std::lock_guard lock{mutex_};
            open_.push_back(fd);
            guests_.emplace_back([this, fd] {
                Guest guest{fd};
                serve_(guest);
                const std::lock_guard inner{mutex_};
                std::erase(open_, fd);
                ::close(fd);
            });
        }
    }

    std::function<void(Guest& guest)> serve_;
    int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::uint16_t port_ = 0;
    std::atomic<std::size_t> connections_{0};
    std::mutex mutex_;
    std::vector<int> open_;
    std::vector<std::thread> guests_;
    std::thread accepter_;
};

} // namespace test
