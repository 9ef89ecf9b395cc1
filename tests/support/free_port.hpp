// SPDX-License-Identifier: MIT
/// \file
/// Ports for servers that go and come back.
#pragma once

#include <cstdint>

namespace test {

/// A free port of loopback below those that the kernel hands out: nobody gets it by chance while a server is away, and a client
/// that tries to connect to it does not meet itself.
[[nodiscard]] std::uint16_t free_port();

} // namespace test
