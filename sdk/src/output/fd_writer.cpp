// SPDX-License-Identifier: MIT
#include "output/fd_writer.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <limits>

#include "base/hold_sigpipe.hpp"

namespace tickertape::output {

namespace {

// A descriptor has no room if it takes nothing this often in a row, although poll reports that it is writable.
constexpr int most_empty_tries = 3;

int to_poll_timeout(std::chrono::nanoseconds time) {
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(time).count();
    return static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, std::numeric_limits<int>::max()));
}

} // namespace

FdWriter::FdWriter(int fd, base::Syscalls& syscalls) : fd_{fd}, syscalls_{&syscalls}, kind_{Kind::other} {
    struct stat status{};
    if (syscalls_->fstat(fd_, &status) == 0) { // if this fails, the first write reports the reason
        kind_ = S_ISFIFO(status.st_mode) ? Kind::pipe : S_ISSOCK(status.st_mode) ? Kind::socket : Kind::other;
    }
}

WriteResult FdWriter::write(std::string_view text, std::chrono::nanoseconds& patience) {
    std::size_t written = 0;
    int empty_tries = 0;
    // A pipe may be in blocking mode, so it is polled before each write. Other descriptors report EAGAIN.
    bool ask = kind_ == Kind::pipe;
    while (written < text.size()) {
        if (ask) {
            switch (wait_for_room(patience)) {
            case Ready::yes: break;
            case Ready::no: return {written, WriteEnd::no_room};
            case Ready::closed: return {written, WriteEnd::closed, EPIPE};
            case Ready::failed: return {written, WriteEnd::failed, errno};
            }
        }
        ask = kind_ == Kind::pipe;
        const ssize_t count = write_once(fitting_part(text.substr(written)));
        if (count > 0) {
            written += static_cast<std::size_t>(count);
            empty_tries = 0;
            continue;
        }
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            return {written, WriteEnd::closed, errno};
        }
        if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
            return {written, WriteEnd::failed, errno};
        }
        if (++empty_tries >= most_empty_tries) {
            return {written, WriteEnd::no_room};
        }
        ask = true;
    }
    return {written, WriteEnd::all};
}

FdWriter::Ready FdWriter::wait_for_room(std::chrono::nanoseconds& patience) {
    pollfd request{.fd = fd_, .events = POLLOUT, .revents = 0};
    int ready = syscalls_->poll(&request, 1, 0); // reads no clock if there is room
    while (ready == 0 || (ready < 0 && errno == EINTR)) {
        if (patience <= std::chrono::nanoseconds::zero()) {
            return Ready::no;
        }
        const SteadyTime before = syscalls_->now();
        ready = syscalls_->poll(&request, 1, to_poll_timeout(patience));
        const int error = errno;
        patience -= syscalls_->now() - before;
        errno = error;
        if (ready == 0) {
            return Ready::no;
        }
    }
    if (ready < 0) {
        return Ready::failed;
    }
    if ((request.revents & POLLNVAL) != 0) {
        errno = EBADF;
        return Ready::failed;
    }
    // On a pipe POLLERR means that it has no reader; on others the write itself fails with the reason.
    return kind_ == Kind::pipe && (request.revents & POLLERR) != 0 ? Ready::closed : Ready::yes;
}

std::string_view FdWriter::fitting_part(std::string_view text) {
    if (kind_ != Kind::pipe || text.size() <= PIPE_BUF) {
        return text;
    }
    std::size_t room = PIPE_BUF;
    if (syscalls_->pipe_fill(fd_) == 0) {
        room = static_cast<std::size_t>(std::max(syscalls_->pipe_capacity(fd_), PIPE_BUF));
    }
    if (text.size() <= room) {
        return text;
    }
    const std::size_t last_newline = text.rfind('\n', room - 1);
    return text.substr(0, last_newline == std::string_view::npos ? room : last_newline + 1);
}

ssize_t FdWriter::write_once(std::string_view text) {
    if (kind_ == Kind::socket) {
        return syscalls_->send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (kind_ != Kind::pipe) {
        return syscalls_->write(fd_, text.data(), text.size());
    }
    base::HoldSigpipe hold;
    const ssize_t count = syscalls_->write(fd_, text.data(), text.size());
    if (count < 0 && errno == EPIPE) {
        hold.broken();
    }
    return count;
}

} // namespace tickertape::output
