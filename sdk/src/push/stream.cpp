// SPDX-License-Identifier: MIT
#include "push/stream.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <utility>

namespace tickertape::push {

namespace {

constexpr int send_buffer = 256 * 1024;
constexpr int user_timeout_ms = 30'000;
constexpr int idle_s = 30; // after this silence the kernel probes the peer
constexpr int ask_every_s = 10;
constexpr int ask_times = 3;

using Socket = boost::asio::generic::stream_protocol::socket; // TCP or Unix

class PlainStream final : public Stream {
public:
    explicit PlainStream(Socket socket) : socket_{std::move(socket)} {}

    void start(Done done) override {
        boost::asio::post(socket_.get_executor(), [done = keep(std::move(done))] { done({}, 0); });
    }
    void read_some(boost::asio::mutable_buffer buffer, Done done) override {
        socket_.async_read_some(buffer, keep(std::move(done)));
    }
    void write_some(const Two& buffers, Done done) override {
        socket_.async_write_some(buffers, keep(std::move(done)));
    }
    void finish_sending() noexcept override {
        boost::system::error_code ignored;
        socket_.shutdown(Socket::shutdown_send, ignored);
    }
    [[nodiscard]] bool all_was_taken() noexcept override { return push::all_was_taken(socket_.native_handle()); }
    void close() noexcept override {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

private:
    Socket socket_;
};

} // namespace

std::shared_ptr<Stream> make_plain_stream(boost::asio::ip::tcp::socket socket, const Target& /*target*/) {
    return std::make_shared<PlainStream>(std::move(socket));
}

std::shared_ptr<Stream> make_local_stream(boost::asio::generic::stream_protocol::socket socket) {
    return std::make_shared<PlainStream>(std::move(socket));
}

void set_socket_options(boost::asio::ip::tcp::socket& socket) noexcept {
    const int fd = socket.native_handle();
    const int on = 1;
    fcntl(fd, F_SETFD, FD_CLOEXEC); // Asio does not set it
    // These options are not essential, so a kernel may lack them.
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &ask_every_s, sizeof ask_every_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &ask_times, sizeof ask_times);
}

bool all_was_taken(int socket) noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    // The kernel reports the end before a reset that came after it; only this shows the reset.
    if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
        return false;
    }
    int unacknowledged = 0; // our own end counts as a byte
    return ioctl(socket, SIOCOUTQ, &unacknowledged) == 0 && unacknowledged == 0;
}

} // namespace tickertape::push
