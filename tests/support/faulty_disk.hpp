// SPDX-License-Identifier: MIT
/// \file
/// FaultyDisk: the real disk, with faults on request.
#pragma once

#include <fcntl.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>

#include <base/syscalls.hpp>

namespace test {

/// Faults may be set at any time by any thread. Each is an errno, or 0.
class FaultyDisk final : public tickertape::base::Syscalls {
public:
    std::atomic<int> write_error{0};  ///< for writing to open files
    std::atomic<int> change_error{0}; ///< for making, renaming and deleting files
    std::atomic<int> sync_error{0};
    std::atomic<int> open_error{0}; ///< for reading any file
    std::atomic<int> read_error{0};
    std::atomic<std::int64_t> free{-1}; ///< -1: the real value

    /// The number of calls so far that failed.
    [[nodiscard]] std::uint64_t refusals() const { return refusals_; }
    /// Moves the clock forward.
    void pass(std::chrono::nanoseconds duration) { passed_ += duration.count(); }
    void repair() {
        write_error = change_error = sync_error = open_error = read_error = 0;
        free = -1;
    }

    int open(const char* path, int flags, mode_t mode) override {
        if (fails(open_error) || ((flags & O_CREAT) != 0 && fails(change_error))) {
            return -1;
        }
        return Syscalls::open(path, flags, mode);
    }
    ssize_t pread(int fd, void* data, std::size_t size, std::uint64_t offset) override {
        return fails(read_error) ? -1 : Syscalls::pread(fd, data, size, offset);
    }
    ssize_t pwrite(int fd, const void* data, std::size_t size, std::uint64_t offset) override {
        if (write_error != 0 && size > 1) { // a part of it may have been written
            static_cast<void>(Syscalls::pwrite(fd, data, size / 2, offset));
        }
        return fails(write_error) ? -1 : Syscalls::pwrite(fd, data, size, offset);
    }
    int fdatasync(int fd) override { return fails(sync_error) ? -1 : Syscalls::fdatasync(fd); }
    int fsync(int fd) override { return fails(sync_error) ? -1 : Syscalls::fsync(fd); }
    int ftruncate(int fd, std::uint64_t size) override {
        return fails(change_error) ? -1 : Syscalls::ftruncate(fd, size);
    }
    int mkdir(const char* path, mode_t mode) override { return fails(change_error) ? -1 : Syscalls::mkdir(path, mode); }
    int rename(const char* from, const char* to) override {
        return fails(change_error) ? -1 : Syscalls::rename(from, to);
    }
    int unlink(const char* path) override { return fails(change_error) ? -1 : Syscalls::unlink(path); }
    std::int64_t free_bytes(int fd) override {
        const std::int64_t told = free;
        refusals_ += told < 0 ? 0 : 1;
        return told < 0 ? Syscalls::free_bytes(fd) : told;
    }
    tickertape::SteadyTime now() override { return Syscalls::now() + std::chrono::nanoseconds{passed_}; }

private:
    bool fails(int error) {
        errno = error != 0 ? error : errno;
        refusals_ += error != 0 ? 1 : 0;
        return error != 0;
    }

    std::atomic<std::uint64_t> refusals_{0};
    std::atomic<std::int64_t> passed_{0};
};

} // namespace test
