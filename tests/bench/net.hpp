// SPDX-License-Identifier: MIT
/// \file
/// The other ends: a receiver that only reads, and a network with a delay.
#pragma once

#include <chrono>
#include <cstdint>

#include <sys/types.h>

namespace bench {

/// A process that accepts any number of connections on loopback, reads everything and answers nothing. It is a separate process, so
/// that its cost is not the sender's. Ends with this object.
class NullSink {
public:
    NullSink();
    NullSink(const NullSink&) = delete;
    NullSink& operator=(const NullSink&) = delete;
    ~NullSink();
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
    std::uint16_t port_ = 0;
    pid_t pid_ = -1;
};

/// A process that passes connections on to a port of loopback, and each byte, in both directions, `delay` later.
class SlowNetwork {
public:
    SlowNetwork(std::uint16_t to, std::chrono::milliseconds delay);
    SlowNetwork(const SlowNetwork&) = delete;
    SlowNetwork& operator=(const SlowNetwork&) = delete;
    ~SlowNetwork();
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
    std::uint16_t port_ = 0;
    pid_t pid_ = -1;
};

/// Returns a port of loopback on which no program listens at present.
[[nodiscard]] std::uint16_t free_port();
/// Returns whether a program listens on the port.
[[nodiscard]] bool answers(std::uint16_t port);

} // namespace bench
