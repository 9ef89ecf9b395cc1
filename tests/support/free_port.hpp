// SPDX-License-Identifier: MIT
/// \file
/// Ports for servers that stop and start again.
#pragma once

#include <cstdint>

namespace test {

/// Returns a free port of loopback below those that the kernel assigns. So no process gets it by chance while a server is away,
/// and a client that tries to connect to it does not connect to itself.
[[nodiscard]] std::uint16_t free_port();

} // namespace test
