// SPDX-License-Identifier: MIT
#include "support/free_port.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>

namespace test {

namespace {

/// Returns whether a port is free for TCP and UDP.
bool is_free(std::uint16_t port) {
    bool is_free = true;
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
        const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        is_free = bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && is_free;
        close(fd);
    }
    return is_free;
}

} // namespace

std::uint16_t free_port() {
    static std::mt19937 random{std::random_device{}()};
    std::uniform_int_distribution<int> ports{10'000, 32'000};
    for (;;) {
        if (const auto port = static_cast<std::uint16_t>(ports(random)); is_free(port)) {
            return port;
        }
    }
}

} // namespace test
