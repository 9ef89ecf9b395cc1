// SPDX-License-Identifier: MIT
/// \file
/// Peer: a client for our servers that sends any bytes.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace test {

/// A blocking connection to a port of loopback, or to a Unix socket. No call waits for longer than a minute.
class Peer {
public:
    explicit Peer(std::uint16_t port, int family = AF_INET) : fd_{socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        wait_at_most_a_minute();
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sockaddr_in6 v6{};
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        v6.sin6_addr = in6addr_loopback;
        connected_ = (family == AF_INET ? connect(fd_, reinterpret_cast<sockaddr*>(&v4), sizeof v4)
                                        : connect(fd_, reinterpret_cast<sockaddr*>(&v6), sizeof v6)) == 0;
    }
    /// Connects to a Unix socket.
    explicit Peer(const std::filesystem::path& path) : fd_{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        wait_at_most_a_minute();
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string& text = path.native();
        std::copy_n(text.begin(), std::min(text.size(), sizeof address.sun_path - 1), std::begin(address.sun_path));
        connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
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
                broken_ = true; // the next read may report an end
                return false;
            }
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void half_close() const { shutdown(fd_, SHUT_WR); }
    /// Reads until FIN. An RST appears as `(reset)`, and a minute of silence as `(nothing)`, at the end.
    std::string rest() const {
        std::string_view end;
        while (end.empty()) {
            end = read_more();
        }
        if (end != "(end)") {
            text_ += end;
        }
        return std::exchange(text_, {});
    }
    /// Reads up to and including `end`; otherwise like `rest`.
    [[nodiscard]] std::string until(std::string_view end) const {
        std::size_t found = 0;
        while ((found = text_.find(end)) == std::string::npos) {
            if (!read_more().empty()) {
                return rest();
            }
        }
        const std::string text = text_.substr(0, found + end.size());
        text_.erase(0, text.size());
        return text;
    }
    /// Reads this number of bytes; otherwise like `rest`.
    [[nodiscard]] std::string read(std::size_t size) const {
        while (text_.size() < size) {
            if (!read_more().empty()) {
                return rest();
            }
        }
        const std::string text = text_.substr(0, size);
        text_.erase(0, size);
        return text;
    }
    /// Sends, half-closes, and reads everything.
    std::string ask(std::string_view text) const {
        say(text);
        half_close();
        return rest();
    }

private:
    void wait_at_most_a_minute() const {
        const timeval minute{60, 0};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof minute);
        setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &minute, sizeof minute);
    }
    /// Returns the reason why no more bytes can be read; empty after more bytes were read.
    std::string_view read_more() const {
        std::array<char, 65536> part; // NOLINT(*-member-init): written before it is read
        const ssize_t got = recv(fd_, part.data(), part.size(), 0);
        if (got < 0) {
            return errno == EAGAIN ? "(nothing)" : "(reset)";
        }
        text_.append(part.data(), static_cast<std::size_t>(got));
        return got > 0 ? "" : broken_ ? "(reset)" : "(end)";
    }

    int fd_;
    bool connected_ = false;
    mutable bool broken_ = false;
    mutable std::string text_; // read and not returned yet
};

} // namespace test
