// SPDX-License-Identifier: MIT
#include "cli/agent/status_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "base/concat.hpp"
#include "base/unique_fd.hpp"

namespace tickertape::cli::agent {

namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;

constexpr int most_peers = 8;
constexpr std::chrono::seconds patience{10};
constexpr mode_t for_owner_and_group = 0660;

/// A client that asked.
struct Peer {
    Peer(stream_protocol::socket its, std::string what, std::shared_ptr<int> counter)
        : socket{std::move(its)}, timer{socket.get_executor(), patience}, text{std::move(what)},
          open{std::move(counter)} {
        ++*open;
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() { --*open; }

    stream_protocol::socket socket;
    asio::steady_timer timer;
    std::string text;
    std::shared_ptr<int> open;
};

[[noreturn]] void fail(const boost::system::error_code& error, const std::string& path) {
    throw std::system_error{error.value(), std::generic_category(), path};
}

struct Connection {
    base::UniqueFd fd{}; ///< does not block
    int error = 0;       ///< an errno if `fd` is not valid
};

/// Connects without waiting. EAGAIN if the queue of the listener is full, as when it is stopped.
Connection connect_to(const std::string& path) noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return {.error = ENAMETOOLONG};
    }
    std::copy(path.begin(), path.end(), std::begin(address.sun_path));
    Connection made{.fd = base::UniqueFd{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)}};
    if (!made.fd.valid() ||
        connect(made.fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) { // NOLINT(*-cast)
        made.error = errno;
    }
    return made;
}

stream_protocol::acceptor listen_at(asio::io_context& context, const std::string& path) {
    std::error_code ignored;
    std::filesystem::create_directory(std::filesystem::path{path}.parent_path(), ignored);
    stream_protocol::acceptor acceptor{context};
    boost::system::error_code error;
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        fail(asio::error::name_too_long, path);
    }
    acceptor.open(stream_protocol{}, error);
    acceptor.bind(stream_protocol::endpoint{path}, error);
    if (error == asio::error::address_in_use && std::filesystem::is_socket(path, ignored) &&
        connect_to(path).error == ECONNREFUSED) {
        unlink(path.c_str());
        error = {};
        acceptor.bind(stream_protocol::endpoint{path}, error);
    }
    if (!error && chmod(path.c_str(), for_owner_and_group) != 0) { // no client can connect before `listen`
        error = {errno, boost::system::system_category()};
    }
    if (!error) {
        acceptor.listen(most_peers, error);
    }
    if (error) {
        fail(error, path);
    }
    return acceptor;
}

} // namespace

StatusSocket::StatusSocket(asio::io_context& context, std::string path, std::function<std::string()> text)
    : acceptor_{listen_at(context, path)}, rest_{context}, path_{std::move(path)}, text_{std::move(text)} {
    accept();
}

StatusSocket::~StatusSocket() { unlink(path_.c_str()); }

void StatusSocket::accept() {
    acceptor_.async_accept([this](const boost::system::error_code& error, stream_protocol::socket peer) {
        if (error == asio::error::operation_aborted) {
            return;
        }
        if (error) {
            rest_.expires_after(std::chrono::seconds{1});
            rest_.async_wait([this](const boost::system::error_code& stopped) {
                if (!stopped) {
                    accept();
                }
            });
            return;
        }
        if (*open_ < most_peers) {
            answer(std::move(peer));
        }
        accept();
    });
}

void StatusSocket::answer(stream_protocol::socket socket) {
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

bool is_answered(const std::string& path) noexcept {
    const int error = connect_to(path).error;
    return error == 0 || error == EAGAIN; // EAGAIN: many clients wait
}

std::string ask_status(const std::string& path) {
    const Connection agent = connect_to(path);
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
