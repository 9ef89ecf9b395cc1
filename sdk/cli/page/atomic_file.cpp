// SPDX-License-Identifier: MIT
#include "cli/page/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/concat.hpp"

namespace tickertape::cli::page {

namespace {

constexpr mode_t usual_mode = 0666; // before the umask

} // namespace

AtomicFile::AtomicFile(const std::string& path) : name_{path}, place_{path} {
    struct stat status{};
    const bool exists = stat(path.c_str(), &status) == 0;
    if (exists && !S_ISREG(status.st_mode)) {
        fd_ = base::UniqueFd{open(path.c_str(), O_WRONLY | O_CLOEXEC)};
        if (!fd_.valid()) {
            fail();
        }
        return;
    }
    if (exists) {
        std::error_code error;
        const auto target = std::filesystem::canonical(path, error);
        place_ = error ? path : target.string();
    }
    temporary_ = base::concat(place_, ".", getpid(), ".tmp");
    const mode_t mode = exists ? status.st_mode & 0777U : usual_mode;
    // A file without a name vanishes however this process ends. Not all file systems support that.
    const std::string folder = std::filesystem::path{place_}.parent_path().string();
    fd_ = base::UniqueFd{open(folder.empty() ? "." : folder.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, mode)};
    if (!fd_.valid()) {
        fd_ = base::UniqueFd{open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
        has_name_ = fd_.valid();
    }
    if (!fd_.valid()) {
        fail();
    }
    // A replaced file keeps its mode, whatever the umask is.
    if (exists && fchmod(fd_.get(), mode) != 0) {
        fail();
    }
}

AtomicFile::~AtomicFile() {
    if (has_name_) {
        unlink(temporary_.c_str());
    }
}

void AtomicFile::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd_.get(), text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            fail();
        }
        text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
    }
}

void AtomicFile::commit() {
    if (temporary_.empty()) {
        return;
    }
    // Some file systems report only here that there is no room.
    if (fsync(fd_.get()) != 0) {
        fail();
    }
    if (!has_name_) {
        const std::string unnamed = base::concat("/proc/self/fd/", fd_.get());
        if (linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) != 0) {
            fail();
        }
        has_name_ = true;
    }
    if (std::rename(temporary_.c_str(), place_.c_str()) != 0) {
        fail();
    }
    has_name_ = false;
}

void AtomicFile::fail() const {
    throw std::system_error{errno, std::generic_category(), base::concat("cannot write ", name_)};
}

} // namespace tickertape::cli::page
