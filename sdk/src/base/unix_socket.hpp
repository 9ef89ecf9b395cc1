// SPDX-License-Identifier: MIT
/// \file
/// Addresses of Unix sockets, and connections to them.
#pragma once

#include <sys/un.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace tickertape::base {

/// The longest path that a Unix socket can have, in bytes.
inline constexpr std::size_t longest_socket_path = sizeof(sockaddr_un::sun_path) - 1;

/// Returns the address of the Unix socket at `path`, which must not be longer than that.
[[nodiscard]] sockaddr_un address_of_socket(std::string_view path) noexcept;

/// Connects a Unix socket, which must not block. Returns 0 or an errno: EAGAIN if the queue of the listener is full, as when its process
/// is stopped, and ENOTSOCK if there is another kind of file.
[[nodiscard]] int connect_socket(int fd, const std::string& path) noexcept;
/// Returns the reason for such an error, as in `it is not a socket`.
[[nodiscard]] std::string describe_connect_error(int error);

} // namespace tickertape::base
