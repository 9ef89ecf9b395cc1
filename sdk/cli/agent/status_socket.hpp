// SPDX-License-Identifier: MIT
/// \file
/// StatusSocket: a Unix socket that hands out a text.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

namespace tickertape::cli::agent {

/// Writes `text()` to each who connects, and closes. At most 8 at a time; one that does not read is closed after 10 s.
///
/// Thread safety: none; all on the thread of the loop.
class StatusSocket {
public:
    /// Takes the place of a socket whose process is gone. Throws std::system_error, also when one is still there.
    StatusSocket(boost::asio::io_context& context, std::string path, std::function<std::string()> text);
    StatusSocket(const StatusSocket&) = delete;
    StatusSocket& operator=(const StatusSocket&) = delete;
    ~StatusSocket();

private:
    void accept();
    void answer(boost::asio::local::stream_protocol::socket peer);

    boost::asio::local::stream_protocol::acceptor acceptor_;
    boost::asio::steady_timer rest_; // after a failure, as when no descriptor is left
    std::string path_;
    std::function<std::string()> text_;
    std::shared_ptr<int> open_ = std::make_shared<int>(0);
};

/// Where an agent has its socket unless it is told otherwise.
inline constexpr const char* usual_status_socket = "/run/tickertape/agent.sock";
/// Whether somebody listens at `path`. Does not wait.
[[nodiscard]] bool is_answered(const std::string& path) noexcept;
/// What the agent at `path` answers. Throws std::system_error, also if it says nothing for 10 s.
[[nodiscard]] std::string ask_status(const std::string& path);

} // namespace tickertape::cli::agent
