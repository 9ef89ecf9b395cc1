// SPDX-License-Identifier: MIT
#include "base/syscalls.hpp"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tickertape::base {

ssize_t Syscalls::write(int fd, const void* data, std::size_t size) { return ::write(fd, data, size); }

ssize_t Syscalls::send(int fd, const void* data, std::size_t size, int flags) { return ::send(fd, data, size, flags); }

int Syscalls::poll(pollfd* fds, nfds_t count, int timeout_ms) { return ::poll(fds, count, timeout_ms); }

int Syscalls::fstat(int fd, struct stat* status) { return ::fstat(fd, status); }

int Syscalls::stat(const char* path, struct stat* status) { return ::stat(path, status); }

int Syscalls::open(const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); }

int Syscalls::close(int fd) { return ::close(fd); }

int Syscalls::inotify_init1(int flags) { return ::inotify_init1(flags); }

int Syscalls::pipe_fill(int fd) {
    int bytes = 0;
    return ::ioctl(fd, FIONREAD, &bytes) == 0 ? bytes : -1;
}

int Syscalls::pipe_capacity(int fd) { return ::fcntl(fd, F_GETPIPE_SZ); }

SteadyTime Syscalls::now() { return std::chrono::steady_clock::now(); }

Syscalls& Syscalls::real() {
    static Syscalls& calls = *new Syscalls; // never destroyed: static objects may write while they are
    return calls;
}

} // namespace tickertape::base
