// SPDX-License-Identifier: MIT
/// \file
/// Listens on a Unix socket at a path, or on a port of loopback.
#pragma once

#include <sys/types.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/unique_fd.hpp"

namespace tickertape::cli::agent {

/// The descriptor of a Unix socket and an error.
struct PathConnection {
    base::UniqueFd fd{}; ///< does not block
    int error = 0;       ///< an errno if `fd` is not connected
};
/// Connects without waiting. The error is EAGAIN if the queue of the listener is full, as when its process is stopped.
[[nodiscard]] PathConnection connect_to_path(const std::string& path) noexcept;
/// Returns whether a process listens at `path`. Does not wait.
[[nodiscard]] bool is_answered(const std::string& path) noexcept;

/// A Unix socket that listens at a path, for its owner and group only. The destructor removes the file, unless another process has
/// replaced it.
///
/// Thread safety: none.
class ListeningPath {
public:
    /// Makes the last folder of the path if it is not there. Replaces a socket on which no process listens. Throws std::system_error
    /// with the path, also if a process listens there.
    ListeningPath(std::string path, int backlog, std::optional<gid_t> group = std::nullopt);
    ListeningPath(const ListeningPath&) = delete;
    ListeningPath& operator=(const ListeningPath&) = delete;
    ~ListeningPath();

    /// Removes the file, unless another process has replaced it. Call it before the descriptor is closed: while this process listens,
    /// no other takes the path.
    void remove() noexcept;
    /// Hands over the descriptor, which does not block.
    [[nodiscard]] base::UniqueFd take_fd() noexcept { return std::move(fd_); }
    /// Returns whether clients still find it at its path: a folder below /run may have been removed.
    [[nodiscard]] bool is_in_place() const noexcept;

private:
    std::string path_;
    base::UniqueFd fd_;
    dev_t device_ = 0;
    ino_t inode_ = 0;
};

/// Listens on a port of 127.0.0.1, or of ::1 with `is_ipv6`. Throws std::system_error with the address.
[[nodiscard]] base::UniqueFd listen_on_loopback(std::uint16_t port, bool is_ipv6, int backlog);

/// Accepts connections.
///
/// Thread safety: none; all on the thread of the loop.
class Listener {
public:
    using Socket = boost::asio::generic::stream_protocol::socket;
    using Accept = std::function<void(Socket)>;

    /// Throws boost::system::system_error. `fd` listens and does not block, and neither do the accepted sockets.
    Listener(boost::asio::io_context& context, base::UniqueFd fd, Accept accept);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

private:
    /// Lives as long as a handler needs it.
    struct State {
        State(boost::asio::io_context& context, base::UniqueFd its, Accept call);
        State(const State&) = delete;
        State& operator=(const State&) = delete;
        ~State();
        base::UniqueFd fd;
        boost::asio::posix::stream_descriptor descriptor; // borrows `fd`
        boost::asio::steady_timer rest;                   // after a failure, such as no free descriptor
        Accept accept;
        bool is_over = false;
    };
    static void wait(const std::shared_ptr<State>& state);
    static void accept_some(const std::shared_ptr<State>& state);

    std::shared_ptr<State> state_;
};

} // namespace tickertape::cli::agent
