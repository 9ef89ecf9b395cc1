// SPDX-License-Identifier: MIT
/// \file
/// System calls for tests: a descriptor of a chosen kind that keeps the written bytes, with a random schedule of faults. Time
/// passes only in poll.
#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

#include <base/syscalls.hpp>

#include "support/seed.hpp"

namespace test {

/// The frequency of each fault: once in this number of calls, or never for 0.
struct Faults {
    std::size_t interrupted = 0;
    std::size_t short_write = 0;
    std::size_t no_room = 0;   ///< EAGAIN, and polls that time out
    std::size_t broken = 0;    ///< EPIPE
    std::size_t disk_full = 0; ///< ENOSPC
};

class FaultySyscalls final : public tickertape::base::Syscalls {
public:
    FaultySyscalls(mode_t kind, Random& random, Faults faults) : kind_{kind}, random_{&random}, faults_{faults} {}

    std::string written;
    std::size_t writes = 0;
    std::chrono::nanoseconds waited{0};

    ssize_t write(int /*fd*/, const void* data, std::size_t size) override { return put(data, size, EPIPE); }
    ssize_t send(int /*fd*/, const void* data, std::size_t size, int flags) override {
        return (flags & MSG_DONTWAIT) != 0 && (flags & MSG_NOSIGNAL) != 0 ? put(data, size, ECONNRESET)
                                                                          : failure(EINVAL);
    }
    int poll(pollfd* fds, nfds_t /*count*/, int timeout_ms) override {
        if (happens(faults_.interrupted)) {
            return static_cast<int>(failure(EINTR));
        }
        if (happens(faults_.no_room)) {
            now_ += std::chrono::milliseconds{timeout_ms};
            waited += std::chrono::milliseconds{timeout_ms};
            fds->revents = 0;
            return 0;
        }
        fds->revents = POLLOUT;
        return 1;
    }
    int fstat(int /*fd*/, struct stat* status) override {
        *status = {};
        status->st_mode = kind_;
        return 0;
    }
    int pipe_fill(int /*fd*/) override { return once_in(*random_, 2) ? 0 : 100; }
    int pipe_capacity(int /*fd*/) override { return 65536; }
    tickertape::SteadyTime now() override { return now_; }

    void set(Faults faults) { faults_ = faults; }

private:
    bool happens(std::size_t once_in_times) { return once_in_times > 0 && once_in(*random_, once_in_times); }
    static ssize_t failure(int error) {
        errno = error;
        return -1;
    }
    ssize_t put(const void* data, std::size_t size, int broken) {
        ++writes;
        if (happens(faults_.interrupted)) {
            return failure(EINTR);
        }
        if (happens(faults_.no_room)) {
            return failure(EAGAIN);
        }
        if (happens(faults_.broken)) {
            return failure(broken);
        }
        if (happens(faults_.disk_full)) {
            return failure(ENOSPC);
        }
        const std::size_t count = happens(faults_.short_write) ? up_to(*random_, size) : size;
        written.append(static_cast<const char*>(data), count);
        return static_cast<ssize_t>(count);
    }

    mode_t kind_;
    Random* random_;
    Faults faults_;
    tickertape::SteadyTime now_{};
};

/// A pipe in blocking mode as Linux has it: 16 pages. Each write uses new pages, and it is writable while a page is free. A write
/// that would block is noted as `stuck`.
class BlockingPipe final : public tickertape::base::Syscalls {
public:
    explicit BlockingPipe(Random& random) : random_{&random} {}

    std::string written;
    std::size_t largest_write = 0;
    bool stuck = false;
    /// Whether somebody reads: a few pages during each poll that waits.
    bool read = true;
    /// The duration of that reading.
    std::chrono::milliseconds each_wait{0};

    ssize_t write(int /*fd*/, const void* data, std::size_t size) override {
        const std::size_t pages = (size + page - 1) / page;
        stuck = stuck || used_ + pages > most_pages;
        used_ += pages;
        largest_write = std::max(largest_write, size);
        written.append(static_cast<const char*>(data), size);
        return static_cast<ssize_t>(size);
    }
    int poll(pollfd* fds, nfds_t /*count*/, int timeout_ms) override {
        if (read && timeout_ms > 0) {
            now_ += each_wait;
            used_ -= std::min(used_, 1 + up_to(*random_, most_pages));
        } else if (used_ >= most_pages) {
            now_ += std::chrono::milliseconds{timeout_ms};
        }
        fds->revents = used_ < most_pages ? POLLOUT : 0;
        return used_ < most_pages ? 1 : 0;
    }
    int fstat(int /*fd*/, struct stat* status) override {
        *status = {};
        status->st_mode = S_IFIFO;
        return 0;
    }
    int pipe_fill(int /*fd*/) override { return static_cast<int>(used_); }
    int pipe_capacity(int /*fd*/) override { return page * most_pages; }
    tickertape::SteadyTime now() override { return now_; }

private:
    static constexpr int page = 4096;
    static constexpr std::size_t most_pages = 16;
    Random* random_;
    std::size_t used_ = 0;
    tickertape::SteadyTime now_{};
};

} // namespace test
