// SPDX-License-Identifier: MIT
/// \file
/// The seam to the kernel: tests inject short writes, EINTR, EAGAIN, EPIPE and ENOSPC here.
#pragma once

#include <poll.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <tickertape/time.hpp>

namespace tickertape::base {

/// The system calls that output, following a file and a spool need, each with the kernel's own contract: -1 and errno on failure.
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
    /// Returns the number of bytes in a pipe (FIONREAD).
    virtual int pipe_fill(int fd);
    /// Returns the capacity of a pipe in bytes (F_GETPIPE_SZ).
    virtual int pipe_capacity(int fd);
    virtual SteadyTime now();
    virtual WallTime wall_now();

    /// \name System calls for a spool
    /// @{
    virtual ssize_t pread(int fd, void* data, std::size_t size, std::uint64_t offset);
    virtual ssize_t pwrite(int fd, const void* data, std::size_t size, std::uint64_t offset);
    virtual int fdatasync(int fd);
    virtual int fsync(int fd);
    virtual int ftruncate(int fd, std::uint64_t size);
    virtual int mkdir(const char* path, mode_t mode);
    virtual int rename(const char* from, const char* to);
    virtual int unlink(const char* path);
    virtual int lstat(const char* path, struct stat* status);
    /// Locks the whole file for writing. A child of a fork does not inherit the lock (F_SETLK).
    virtual int lock(int fd);
    /// Returns how many bytes this user may still write to the file system of a file; -1 on failure.
    virtual std::int64_t free_bytes(int fd);
    /// Lists the names in a folder, without `.` and `..`, in any order.
    virtual int list(const char* path, std::vector<std::string>& names);
    virtual uid_t effective_user();
    /// @}

    static Syscalls& real();
};

} // namespace tickertape::base
