// SPDX-License-Identifier: MIT
#include "base/syscalls.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>

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

WallTime Syscalls::wall_now() { return std::chrono::system_clock::now(); }

ssize_t Syscalls::pread(int fd, void* data, std::size_t size, std::uint64_t offset) {
    return ::pread(fd, data, size, static_cast<off_t>(offset));
}

ssize_t Syscalls::pwrite(int fd, const void* data, std::size_t size, std::uint64_t offset) {
    return ::pwrite(fd, data, size, static_cast<off_t>(offset));
}

int Syscalls::fdatasync(int fd) { return ::fdatasync(fd); }

int Syscalls::fsync(int fd) { return ::fsync(fd); }

int Syscalls::ftruncate(int fd, std::uint64_t size) { return ::ftruncate(fd, static_cast<off_t>(size)); }

int Syscalls::mkdir(const char* path, mode_t mode) { return ::mkdir(path, mode); }

int Syscalls::rename(const char* from, const char* to) { return std::rename(from, to); }

int Syscalls::unlink(const char* path) { return ::unlink(path); }

int Syscalls::lstat(const char* path, struct stat* status) { return ::lstat(path, status); }

int Syscalls::lock(int fd) {
    struct flock whole{};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    return ::fcntl(fd, F_SETLK, &whole);
}

std::int64_t Syscalls::free_bytes(int fd) {
    struct statvfs status{};
    return ::fstatvfs(fd, &status) == 0 ? static_cast<std::int64_t>(status.f_bavail * status.f_frsize) : -1;
}

int Syscalls::list(const char* path, std::vector<std::string>& names) {
    struct Close {
        void operator()(DIR* folder) const noexcept { ::closedir(folder); }
    };
    const std::unique_ptr<DIR, Close> folder{::opendir(path)};
    if (!folder) {
        return -1;
    }
    errno = 0;
    while (const dirent* const entry = ::readdir(folder.get())) {
        if (const std::string_view name{&entry->d_name[0]}; name != "." && name != "..") {
            names.emplace_back(name);
        }
        errno = 0;
    }
    return errno == 0 ? 0 : -1;
}

uid_t Syscalls::effective_user() { return ::geteuid(); }

Syscalls& Syscalls::real() {
    static Syscalls& calls = *new Syscalls; // never destroyed: the destructors of static objects may write
    return calls;
}

} // namespace tickertape::base
