// SPDX-License-Identifier: MIT
/// \file
/// MemoryDisk: a file system for tests. A power failure removes everything that was not synced.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <base/syscalls.hpp>

#include "support/seed.hpp"

namespace test {

/// Folders are in the root only. Descriptors are real ones of /dev/null, because their owners really close them.
class MemoryDisk final : public tickertape::base::Syscalls {
public:
    // The error of each call: an errno, or 0.
    int write_error = 0;
    int sync_error = 0;
    int open_error = 0;
    int read_error = 0;
    int delete_error = 0;
    bool is_dead = false;      ///< nothing works, as for the destructors of a killed process
    std::size_t short_one = 0; ///< one in this number of writes is short, and one is interrupted
    std::int64_t free = std::numeric_limits<std::int64_t>::max();
    uid_t user = 1000;
    uid_t owner = 1000; ///< of folders
    std::size_t syncs = 0;
    std::size_t opens = 0;
    tickertape::SteadyTime time{std::chrono::hours{1000}};
    tickertape::WallTime wall{std::chrono::hours{24 * 365 * 56}};
    Random* random = nullptr;

    void pass(std::chrono::nanoseconds duration) {
        time += duration;
        wall += duration;
    }
    std::string& contents(const std::string& path) { return names_.at(path)->now; }
    [[nodiscard]] bool has(const std::string& path) const { return names_.contains(path); }
    [[nodiscard]] std::vector<std::string> paths() const {
        std::vector<std::string> all;
        for (const auto& [path, file] : names_) {
            all.push_back(path);
        }
        return all;
    }
    void put(const std::string& path, std::string bytes) {
        const auto file = std::make_shared<File>();
        file->now = file->durable = std::move(bytes);
        file->written = wall;
        file->owner = user;
        names_[path] = durable_names_[path] = file;
    }
    void remove_all() {
        names_.clear();
        folders_.clear();
    }

    /// Each block of `block` bytes that was written since the last sync may be there or not, and so may each new or deleted name.
    void lose_power(std::size_t block, Random& chance) {
        std::map<std::string, std::shared_ptr<File>> left;
        std::vector<std::string> all = paths();
        for (const auto& [path, file] : durable_names_) {
            all.push_back(path);
        }
        std::sort(all.begin(), all.end());
        all.erase(std::unique(all.begin(), all.end()), all.end());
        for (const std::string& path : all) {
            const auto& names = once_in(chance, 2) ? names_ : durable_names_;
            if (const auto found = names.find(path); found != names.end()) {
                left[path] = found->second;
            }
        }
        names_ = durable_names_ = left;
        for (const auto& [path, file] : left) {
            File& it = *file;
            const std::size_t size =
                it.durable.size() > it.now.size() || once_in(chance, 2) ? it.durable.size() : it.now.size();
            std::string after(std::max(size, it.durable.size()), '\0');
            for (std::size_t at = 0; at < after.size(); at += block) {
                const std::string& from = once_in(chance, 2) && at < it.now.size() ? it.now : it.durable;
                if (at < from.size()) {
                    from.copy(after.data() + at, std::min({block, from.size() - at, after.size() - at}), at);
                }
            }
            it.now = it.durable = after;
        }
    }

    int open(const char* path, int flags, mode_t /*mode*/) override {
        ++opens;
        if (is_dead || open_error != 0) {
            return failure(is_dead ? EIO : open_error);
        }
        const std::string name{path};
        std::shared_ptr<File> file;
        if (const auto folder = folders_.find(name); folder != folders_.end()) {
            file = folder->second;
        } else if (const auto found = names_.find(name); found != names_.end()) {
            if ((flags & O_EXCL) != 0) {
                return failure(EEXIST);
            }
            file = found->second;
        } else if ((flags & O_CREAT) != 0 && folders_.contains(name.substr(0, name.rfind('/')))) {
            file = names_[name] = std::make_shared<File>();
            file->written = wall;
            file->owner = user;
        } else {
            return failure(ENOENT);
        }
        const int fd = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        open_[fd] = file;
        return fd;
    }
    ssize_t pread(int fd, void* data, std::size_t size, std::uint64_t offset) override {
        if (is_dead || read_error != 0) {
            return failure(is_dead ? EIO : read_error);
        }
        const std::string& bytes = open_.at(fd)->now;
        if (offset >= bytes.size()) {
            return 0;
        }
        const std::size_t got = std::min(size, bytes.size() - static_cast<std::size_t>(offset));
        std::memcpy(data, bytes.data() + offset, got);
        return static_cast<ssize_t>(got);
    }
    ssize_t pwrite(int fd, const void* data, std::size_t size, std::uint64_t offset) override {
        if (is_dead) {
            return failure(EIO);
        }
        std::size_t count = size;
        if (random != nullptr && short_one > 0) {
            if (once_in(*random, short_one)) {
                return failure(EINTR);
            }
            count = once_in(*random, short_one) ? 1 + up_to(*random, size - 1) : size;
        }
        File& file = *open_.at(fd);
        if (write_error != 0) { // a part of it may be there
            count = random != nullptr ? up_to(*random, size / 2) : 0;
        }
        if (count > 0) {
            file.now.resize(std::max<std::size_t>(file.now.size(), offset + count));
            file.now.replace(offset, count, static_cast<const char*>(data), count);
            file.written = wall;
        }
        return write_error != 0 ? failure(write_error) : static_cast<ssize_t>(count);
    }
    int fdatasync(int fd) override {
        ++syncs;
        if (is_dead || sync_error != 0) {
            return failure(is_dead ? EIO : sync_error);
        }
        open_.at(fd)->durable = open_.at(fd)->now;
        return 0;
    }
    int fsync(int fd) override {
        ++syncs;
        if (is_dead || sync_error != 0) {
            return failure(is_dead ? EIO : sync_error);
        }
        static_cast<void>(fd);
        durable_names_ = names_;
        return 0;
    }
    int ftruncate(int fd, std::uint64_t size) override {
        if (is_dead || write_error == EIO) {
            return failure(EIO);
        }
        open_.at(fd)->now.resize(size);
        return 0;
    }
    int mkdir(const char* path, mode_t /*mode*/) override {
        if (folders_.contains(path)) {
            return failure(EEXIST);
        }
        const auto folder = std::make_shared<File>();
        folder->is_folder = true;
        folder->owner = owner;
        folders_[path] = folder;
        return 0;
    }
    int rename(const char* from, const char* to) override {
        if (is_dead) {
            return failure(EIO);
        }
        names_[to] = names_.at(from);
        names_.erase(from);
        return 0;
    }
    int unlink(const char* path) override {
        if (is_dead || delete_error != 0) {
            return failure(is_dead ? EIO : delete_error);
        }
        return names_.erase(path) > 0 ? 0 : failure(ENOENT);
    }
    int fstat(int fd, struct stat* status) override { return describe(open_.at(fd), status); }
    int lstat(const char* path, struct stat* status) override {
        const auto found = folders_.find(path);
        return found == folders_.end() ? failure(ENOENT) : describe(found->second, status);
    }
    int lock(int /*fd*/) override { return 0; }
    std::int64_t free_bytes(int /*fd*/) override { return free; }
    int list(const char* path, std::vector<std::string>& names) override {
        const std::string prefix = std::string{path} + "/";
        for (const auto& [name, file] : names_) {
            if (name.starts_with(prefix)) {
                names.push_back(name.substr(prefix.size()));
            }
        }
        return 0;
    }
    uid_t effective_user() override { return user; }
    tickertape::SteadyTime now() override { return time; }
    tickertape::WallTime wall_now() override { return wall; }

private:
    struct File {
        std::string now;
        std::string durable;
        bool is_folder = false;
        uid_t owner = 1000;
        tickertape::WallTime written{};
    };
    static int failure(int error) {
        errno = error;
        return -1;
    }
    int describe(const std::shared_ptr<File>& file, struct stat* status) {
        *status = {};
        status->st_dev = 0x7e57;
        status->st_ino = reinterpret_cast<std::uintptr_t>(file.get());
        status->st_uid = file->owner;
        status->st_mode = file->is_folder ? S_IFDIR | 0700 : S_IFREG | 0600;
        status->st_size = static_cast<off_t>(file->now.size());
        const auto seconds = std::chrono::floor<std::chrono::seconds>(file->written);
        status->st_mtim.tv_sec = seconds.time_since_epoch().count();
        status->st_mtim.tv_nsec = (file->written - seconds).count();
        status->st_nlink = static_cast<nlink_t>(
            std::count_if(names_.begin(), names_.end(), [&file](const auto& entry) { return entry.second == file; }));
        return 0;
    }

    std::map<std::string, std::shared_ptr<File>> folders_{{"", nullptr}};
    std::map<std::string, std::shared_ptr<File>> names_;
    std::map<std::string, std::shared_ptr<File>> durable_names_;
    std::map<int, std::shared_ptr<File>> open_;
};

} // namespace test
