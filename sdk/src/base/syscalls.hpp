// SPDX-License-Identifier: MIT
/// \file
/// The seam below which the kernel is: tests put short writes, EINTR, EAGAIN, EPIPE and ENOSPC here.
#pragma once

#include <poll.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>

#include <tickertape/time.hpp>

namespace tickertape::base {

/// The system calls that output and following a file need, each with the kernel's own contract: -1 and errno on failure.
///
/// Thread safety: the real ones may be called from any thread.
class Syscalls {
public:
    Syscalls() = default;
    Syscalls(const Syscalls&) = delete;
    Syscalls& operator=(const Syscalls&) = delete;
    virtual ~Syscalls() = default;

    virtual ssize_t write(int fd, const void* data, std::size_t size);
    virtual ssize_t send(int fd, const void* data, std::size_t size, int flags);
    virtual int poll(pollfd* fds, nfds_t count, int timeout_ms);
    virtual int fstat(int fd, struct stat* status);
    virtual int stat(const char* path, struct stat* status);
    virtual int open(const char* path, int flags, mode_t mode);
    virtual int close(int fd);
    virtual int inotify_init1(int flags);
    /// The bytes that wait in a pipe (FIONREAD).
    virtual int pipe_fill(int fd);
    /// The most bytes that a pipe holds (F_GETPIPE_SZ).
    virtual int pipe_capacity(int fd);
    virtual SteadyTime now();

    static Syscalls& real();
};

} // namespace tickertape::base
