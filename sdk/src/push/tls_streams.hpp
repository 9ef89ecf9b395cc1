// SPDX-License-Identifier: MIT
/// \file
/// TlsStreams: the interface to the library tickertape::tls.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include <tickertape/target.hpp>

#include "push/stream.hpp"

namespace tickertape::push {

/// Makes streams with TLS.
///
/// Thread safety: `make` may be called from any thread.
class TlsStreams {
public:
    TlsStreams() = default;
    TlsStreams(const TlsStreams&) = delete;
    TlsStreams& operator=(const TlsStreams&) = delete;
    virtual ~TlsStreams() = default;

    [[nodiscard]] virtual std::shared_ptr<Stream> make(boost::asio::ip::tcp::socket socket,
                                                       const Target& target) const = 0;
};

} // namespace tickertape::push
