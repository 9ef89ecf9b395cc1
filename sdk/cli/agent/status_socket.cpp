// SPDX-License-Identifier: MIT
#include "cli/agent/status_socket.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "base/concat.hpp"

namespace tickertape::cli::agent {

namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;

constexpr int most_peers = 8;
constexpr std::chrono::seconds patience{10};
constexpr mode_t for_owner_and_group = 0660;

/// One who asked.
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

stream_protocol::acceptor listen_at(asio::io_context& context, const std::string& path) {
    std::error_code ignored;
    std::filesystem::create_directory(std::filesystem::path{path}.parent_path(), ignored);
    stream_protocol::acceptor acceptor{context};
    boost::system::error_code error;
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        fail(asio::error::name_too_long, path);
    }
    acceptor.open(stream_protocol{}, error);
    const mode_t before = umask(0777 & ~for_owner_and_group);
    acceptor.bind(stream_protocol::endpoint{path}, error);
    if (error == asio::error::address_in_use) {
        stream_protocol::socket probe{context};
        boost::system::error_code refused;
        probe.connect(stream_protocol::endpoint{path}, refused);
        if (refused == asio::error::connection_refused) {
            unlink(path.c_str());
            error = {};
            acceptor.bind(stream_protocol::endpoint{path}, error);
        }
    }
    umask(before);
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

std::string ask_status(const std::string& path) {
    asio::io_context context;
    stream_protocol::socket socket{context};
    boost::system::error_code error;
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        fail(asio::error::name_too_long, path);
    }
    socket.connect(stream_protocol::endpoint{path}, error);
    if (error) {
        fail(error, base::concat("no agent answers at ", path));
    }
    std::string text;
    std::array<char, 4096> buffer{};
    while (!error) {
        text.append(buffer.data(), socket.read_some(asio::buffer(buffer), error));
    }
    return text;
}

} // namespace tickertape::cli::agent
