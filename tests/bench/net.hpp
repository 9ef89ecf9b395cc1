// SPDX-License-Identifier: MIT
/// \file
/// The other ends: a receiver that only reads, and a network that takes its time.
#pragma once

#include <chrono>
#include <cstdint>

#include <sys/types.h>

namespace bench {

/// A process that accepts any number of connections on loopback, reads all that comes and answers nothing. Of its own, so
/// that what it costs is not the sender's. Ends with this object.
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

/// A port of loopback on which nobody listens at present.
[[nodiscard]] std::uint16_t free_port();
/// Whether somebody does.
[[nodiscard]] bool answers(std::uint16_t port);

} // namespace bench
