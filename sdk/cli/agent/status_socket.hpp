// SPDX-License-Identifier: MIT
/// \file
/// StatusSocket: a Unix socket that sends a text to each client.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "cli/agent/listener.hpp"

namespace tickertape::cli::agent {

/// Writes `text()` to each client that connects, and closes the connection. Serves at most 8 clients at a time, and disconnects one
/// that does not read after 10 s.
///
/// Thread safety: none; all on the thread of the loop.
class StatusSocket {
public:
    /// Replaces a socket whose process is gone. Throws std::system_error, also if a process still listens on it.
    StatusSocket(boost::asio::io_context& context, std::string path, std::function<std::string()> text);
    StatusSocket(const StatusSocket&) = delete;
    StatusSocket& operator=(const StatusSocket&) = delete;
    ~StatusSocket() { path_.remove(); } // before the listener closes

private:
    void answer(Listener::Socket socket);

    ListeningPath path_;
    std::function<std::string()> text_;
    std::shared_ptr<int> open_ = std::make_shared<int>(0);
    Listener listener_;
};

/// The path of an agent's socket without --status-socket.
inline constexpr const char* usual_status_socket = "/run/tickertape/agent.sock";
/// Returns the answer of the agent at `path`. Throws std::system_error, also if no answer comes for 10 s.
[[nodiscard]] std::string ask_status(const std::string& path);

} // namespace tickertape::cli::agent
