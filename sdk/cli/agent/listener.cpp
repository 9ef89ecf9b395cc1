// SPDX-License-Identifier: MIT
#include "cli/agent/listener.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/concat.hpp"
#include "base/unix_socket.hpp"

namespace tickertape::cli::agent {

namespace {

constexpr mode_t for_owner_and_group = 0660;
constexpr int most_at_once = 64; // connections, so that a flood does not block the loop

[[noreturn]] void fail(int error, const std::string& place) {
    throw std::system_error{error, std::generic_category(), place};
}

/// Returns 0 or an errno.
template <class Address>
int bind_to(int fd, const Address& address) noexcept {
    return bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno; // NOLINT(*-cast)
}

/// Binds to a port of loopback. Returns 0 or an errno.
int bind_to_loopback(int fd, std::uint16_t port, bool is_ipv6) noexcept {
    const int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes); // connections of an ended agent may linger
    if (is_ipv6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_port = htons(port);
        address.sin6_addr = in6addr_loopback;
        return bind_to(fd, address);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind_to(fd, address);
}

int family_of(int fd) noexcept {
    int family = AF_UNIX;
    socklen_t size = sizeof family;
    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
    return family;
}

bool is_socket(const std::string& path) noexcept {
    struct stat found{};
    return lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

/// Lets the group connect to the socket that this process has just made at `path`, and sets `made` to its state. Follows no link, and
/// changes no file that a user puts in its place meanwhile. Returns 0 or an errno.
int open_to_group(const std::string& path, std::optional<gid_t> group, struct stat& made) noexcept {
    struct stat found{};
    const base::UniqueFd file{
        open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC)}; // stays this file, whatever `path` names later
    if (!file.valid() || fstat(file.get(), &found) != 0) {
        return errno;
    }
    if (!S_ISSOCK(found.st_mode) || found.st_uid != geteuid() || found.st_nlink != 1) {
        return EPERM;
    }
    made = found;
    if (group && fchownat(file.get(), "", static_cast<uid_t>(-1), *group, AT_EMPTY_PATH) != 0) {
        return errno;
    }
    std::array<char, 32> itself{}; // the only name under which chmod takes such a descriptor
    std::snprintf(itself.data(), itself.size(), "/proc/self/fd/%d", file.get());
    return chmod(itself.data(), for_owner_and_group) == 0 ? 0 : errno;
}

} // namespace

PathConnection connect_to_path(const std::string& path) noexcept {
    PathConnection made{.fd = base::UniqueFd{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)}};
    made.error = made.fd.valid() ? base::connect_socket(made.fd.get(), path) : errno;
    return made;
}

bool is_answered(const std::string& path) noexcept {
    const int error = connect_to_path(path).error;
    return error == 0 || error == EAGAIN; // EAGAIN: many clients wait
}

ListeningPath::ListeningPath(std::string path, int backlog, std::optional<gid_t> group)
    : path_{std::move(path)}, fd_{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
    if (!fd_.valid()) {
        fail(errno, path_);
    }
    if (path_.size() > base::longest_socket_path) {
        fail(ENAMETOOLONG, path_);
    }
    std::error_code ignored;
    std::filesystem::create_directory(std::filesystem::path{path_}.parent_path(), ignored);
    const sockaddr_un address = base::address_of_socket(path_);
    int error = bind_to(fd_.get(), address);
    if (error == EADDRINUSE && is_socket(path_) && connect_to_path(path_).error == ECONNREFUSED) {
        unlink(path_.c_str());
        error = bind_to(fd_.get(), address);
    }
    if (error != 0) {
        fail(error, path_);
    }
    struct stat made{};
    error = open_to_group(path_, group, made);
    if (error == 0 && listen(fd_.get(), backlog) != 0) { // no client can connect before this
        error = errno;
    }
    device_ = made.st_dev;
    inode_ = made.st_ino;
    if (error != 0) {
        remove();
        fail(error, path_);
    }
}

ListeningPath::~ListeningPath() { remove(); }

void ListeningPath::remove() noexcept {
    if (is_in_place()) {
        unlink(path_.c_str());
    }
    inode_ = 0; // another file may get the number
}

bool ListeningPath::is_in_place() const noexcept {
    struct stat found{};
    return lstat(path_.c_str(), &found) == 0 && found.st_dev == device_ && found.st_ino == inode_;
}

base::UniqueFd listen_on_loopback(std::uint16_t port, bool is_ipv6, int backlog) {
    base::UniqueFd fd{socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    int error = fd.valid() ? bind_to_loopback(fd.get(), port, is_ipv6) : errno;
    if (error == 0 && listen(fd.get(), backlog) != 0) {
        error = errno;
    }
    if (error != 0) {
        fail(error, base::concat(is_ipv6 ? "[::1]:" : "127.0.0.1:", port));
    }
    return fd;
}

Listener::State::State(boost::asio::io_context& context, base::UniqueFd its, Accept call)
    : fd{std::move(its)}, descriptor{context, fd.get()}, rest{context}, accept{std::move(call)} {}

Listener::State::~State() { descriptor.release(); }

Listener::Listener(boost::asio::io_context& context, base::UniqueFd fd, Accept accept)
    : state_{std::make_shared<State>(context, std::move(fd), std::move(accept))} {
    wait(state_);
}

Listener::~Listener() {
    state_->is_over = true;
    state_->rest.cancel();
    state_->descriptor.release();
    state_->fd = base::UniqueFd{}; // closed at once, though a handler may keep the rest for a moment
}

void Listener::wait(const std::shared_ptr<State>& state) {
    state->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                 [state](const boost::system::error_code& error) {
                                     if (!error && !state->is_over) {
                                         accept_some(state);
                                     }
                                 });
}

void Listener::accept_some(const std::shared_ptr<State>& state) {
    auto& context = static_cast<boost::asio::io_context&>(state->descriptor.get_executor().context());
    for (int i = 0; i < most_at_once; ++i) {
        const int fd = accept4(state->fd.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        const int error = fd >= 0 ? 0 : errno;
        if (error == EAGAIN || error == EINTR || error == ECONNABORTED) {
            break;
        }
        if (error != 0) {
            state->rest.expires_after(std::chrono::seconds{1});
            state->rest.async_wait([state](const boost::system::error_code& stopped) {
                if (!stopped && !state->is_over) {
                    wait(state);
                }
            });
            return;
        }
        Socket socket{context};
        boost::system::error_code refused;
        socket.assign(boost::asio::generic::stream_protocol{family_of(fd), 0}, fd, refused);
        if (refused) {
            close(fd);
            continue;
        }
        state->accept(std::move(socket));
        if (state->is_over) {
            return;
        }
    }
    wait(state);
}

} // namespace tickertape::cli::agent
