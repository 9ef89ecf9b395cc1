// SPDX-License-Identifier: MIT
#include "cli/agent/status_socket.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <chrono>
#include <memory>
#include <system_error>
#include <utility>

#include "base/concat.hpp"

namespace tickertape::cli::agent {

namespace {

namespace asio = boost::asio;

constexpr int most_peers = 8;
constexpr std::chrono::seconds patience{10};

/// A client that waits for its answer.
struct Peer {
    Peer(Listener::Socket its, std::string what, std::shared_ptr<int> counter)
        : socket{std::move(its)}, timer{socket.get_executor(), patience}, text{std::move(what)},
          open{std::move(counter)} {
        ++*open;
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() { --*open; }

    Listener::Socket socket;
    asio::steady_timer timer;
    std::string text;
    std::shared_ptr<int> open;
};

[[noreturn]] void fail(const boost::system::error_code& error, const std::string& path) {
    throw std::system_error{error.value(), std::generic_category(), path};
}

} // namespace

StatusSocket::StatusSocket(asio::io_context& context, std::string path, std::function<std::string()> text)
    : path_{std::move(path), most_peers}, text_{std::move(text)},
      listener_{context, path_.take_fd(), [this](Listener::Socket peer) {
                    if (*open_ < most_peers) {
                        answer(std::move(peer));
                    }
                }} {}

void StatusSocket::answer(Listener::Socket socket) {
    const auto peer = std::make_shared<Peer>(std::move(socket), text_(), open_);
    peer->timer.async_wait([peer](const boost::system::error_code& error) {
        if (!error) {
            boost::system::error_code ignored;
            peer->socket.close(ignored);
        }
    });
    asio::async_write(peer->socket, asio::buffer(peer->text),
                      [peer](const boost::system::error_code&, std::size_t) { peer->timer.cancel(); });
}

std::string ask_status(const std::string& path) {
    const PathConnection agent = connect_to_path(path);
    if (agent.error != 0) {
        fail({agent.error, boost::system::system_category()}, base::concat("no agent answers at ", path));
    }
    const auto deadline = std::chrono::steady_clock::now() + patience;
    std::string text;
    std::array<char, 4096> buffer{};
    while (true) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        pollfd waiting{.fd = agent.fd.get(), .events = POLLIN, .revents = 0};
        const int ready = left > 0 ? poll(&waiting, 1, static_cast<int>(left)) : 0;
        const ssize_t got = ready > 0 ? read(agent.fd.get(), buffer.data(), buffer.size()) : -1;
        if (got > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(got));
        } else if (got == 0 && !text.empty()) {
            return text;
        } else if (got == 0) { // the agent ends, or too many clients ask
            fail(asio::error::connection_reset, base::concat("the agent at ", path, " says nothing"));
        } else if (ready == 0) {
            fail(asio::error::timed_out, base::concat("the agent at ", path, " does not answer"));
        } else if (errno != EINTR && errno != EAGAIN) {
            fail({errno, boost::system::system_category()}, path);
        }
    }
}

} // namespace tickertape::cli::agent
