// SPDX-License-Identifier: MIT
/// \file
/// Stream: a connected socket, plain or with TLS.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include <tickertape/target.hpp>

namespace tickertape::push {

/// The bytes to and from a receiver. After `close`, pending operations call their handlers with an error. An operation owns its
/// stream: the caller may release the stream at any time, and it lives until the handler was called or destroyed. (OpenSSL's
/// state is used between the steps of a handshake, a read or a write.)
///
/// Thread safety: the thread of its io_context only.
class Stream : public std::enable_shared_from_this<Stream> {
public:
    using Done = std::function<void(const boost::system::error_code&, std::size_t)>;
    using Two = std::array<boost::asio::const_buffer, 2>;

    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    virtual ~Stream() = default;

    /// Does the handshake after connecting, if there is one. Always calls `done`, after this call has returned.
    virtual void start(Done done) = 0;
    virtual void read_some(boost::asio::mutable_buffer buffer, Done done) = 0;
    /// Writes both, as far as they go at once; the second may be empty.
    virtual void write_some(const Two& buffers, Done done) = 0;
    /// Closes this side only: the receiver reads to the end and then closes its side.
    virtual void finish_sending() noexcept = 0;
    /// Call it after the end of the receiver's data. Returns whether the receiver took all sent data and then closed the
    /// connection in order. An end that crossed with our data, or that a reset followed, does not count.
    [[nodiscard]] virtual bool all_was_taken() noexcept = 0;
    virtual void close() noexcept = 0;

protected:
    /// Wraps `done` as the handler of an operation: the stream lives until the handler has run.
    [[nodiscard]] Done keep(Done done) {
        return [self = shared_from_this(), done = std::move(done)](const boost::system::error_code& error,
                                                                   std::size_t bytes) { done(error, bytes); };
    }
};

/// Makes the stream of a connected socket. A program with TLS has another factory.
using StreamFactory = std::function<std::shared_ptr<Stream>(boost::asio::ip::tcp::socket socket, const Target& target)>;

/// Makes a stream without TLS.
[[nodiscard]] std::shared_ptr<Stream> make_plain_stream(boost::asio::ip::tcp::socket socket, const Target& target);
/// Makes the stream of a connected Unix socket.
[[nodiscard]] std::shared_ptr<Stream> make_local_stream(boost::asio::generic::stream_protocol::socket socket);

/// Call it before connecting. Sets a small send buffer, so that little data is in doubt when a connection dies, and limits on how
/// long a vanished peer may be silent.
void set_socket_options(boost::asio::ip::tcp::socket& socket) noexcept;

/// See Stream::all_was_taken.
[[nodiscard]] bool all_was_taken(int socket) noexcept;

} // namespace tickertape::push
