// SPDX-License-Identifier: MIT
#include "base/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>

namespace tickertape::base {

namespace {

/// The kernel answers ECONNREFUSED for a file of another kind, as for a socket on which no process listens.
int more_exact(int error, const std::string& path) noexcept {
    struct stat found{};
    const bool is_other = error == ECONNREFUSED && stat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode);
    return is_other ? ENOTSOCK : error;
}

} // namespace

sockaddr_un address_of_socket(std::string_view path) noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy_n(path.begin(), std::min(path.size(), longest_socket_path), std::begin(address.sun_path));
    return address;
}

int connect_socket(int fd, const std::string& path) noexcept {
    if (path.size() > longest_socket_path) {
        return ENAMETOOLONG;
    }
    const sockaddr_un address = address_of_socket(path);
    const auto* const any = reinterpret_cast<const sockaddr*>(&address); // NOLINT(*-cast)
    return connect(fd, any, sizeof address) == 0 ? 0 : more_exact(errno, path);
}

std::string describe_connect_error(int error) {
    switch (error) {
    case ENOTSOCK: return "it is not a socket";
    case EPROTOTYPE: return "it is not a stream socket";
    case EAGAIN: return "too many connections wait there to be accepted";
    default: return std::generic_category().message(error);
    }
}

} // namespace tickertape::base
