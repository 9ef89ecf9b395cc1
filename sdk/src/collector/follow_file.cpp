// SPDX-License-Identifier: MIT
#include "collector/follow_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "base/concat.hpp"

namespace tickertape::collector {

namespace {

constexpr std::uint32_t file_events = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;
constexpr std::uint32_t directory_events =
    IN_CREATE | IN_ATTRIB | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR;
// Checks without events, because network and FUSE file systems send none, a user may have no inotify instance left, and a link
// may change its target in a directory that is not watched.
constexpr int look_again_after_ms = 1000;
constexpr std::chrono::minutes read_old_for{5}; // after a request, a writer reopens its log sooner
constexpr std::size_t most_files = 4;           // including old ones, except those with unread text
// Chunks of one file at a time, so that a flood does not delay the detection of a rotation.
constexpr int most_chunks = 16;

} // namespace

void LineCutter::feed(std::string_view text, const Take& take) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view part = text.substr(0, end);
        if (end != std::string_view::npos && begun_.empty() && !overlong_) {
            take(part.substr(0, longest));
        } else if (!overlong_) {
            begun_.append(part.substr(0, longest - begun_.size()));
            if (end != std::string_view::npos || begun_.size() == longest) {
                take(begun_);
                begun_.clear();
                overlong_ = end == std::string_view::npos;
            }
        } else {
            overlong_ = end == std::string_view::npos;
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

void LineCutter::finish(const Take& take) {
    if (!begun_.empty()) {
        take(begun_);
    }
    clear();
}

void LineCutter::clear() noexcept {
    begun_.clear();
    overlong_ = false;
}

FollowFile::FollowFile(std::filesystem::path path, base::Syscalls& calls)
    : path_{std::move(path)}, calls_{calls}, inotify_{calls.inotify_init1(IN_NONBLOCK | IN_CLOEXEC)},
      wake_{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
    if (!wake_.valid()) {
        throw std::system_error{errno, std::generic_category(), "cannot wait for " + path_.string()};
    }
}

FollowFile::~FollowFile() = default;

void FollowFile::fail(const char* what) {
    const int error = errno;
    const std::string sentence = std::string{what} + " " + path_.string();
    if (is_first_read_) {
        throw std::system_error{error, std::generic_category(), sentence};
    }
    problem_ = base::concat(sentence, ": ", std::generic_category().message(error));
}

void FollowFile::read(const LineCutter::Take& take) {
    problem_.clear();
    // Events show only that something happened; the checks find the change.
    std::array<char, 4096> events; // NOLINT(*-member-init): contents are not used
    while (::read(inotify_.get(), events.data(), events.size()) > 0) {
    }
    // Watches the directory each time, because its name may belong to another directory by now. The kernel recognizes one that it
    // watches already.
    const std::filesystem::path directory = path_.has_parent_path() ? path_.parent_path() : ".";
    const int watch = inotify_add_watch(inotify_.get(), directory.c_str(), directory_events);
    if (watch != directory_watch_ && directory_watch_ >= 0) {
        inotify_rm_watch(inotify_.get(), directory_watch_);
    }
    directory_watch_ = watch;
    bool opened = true;
    while (opened) { // until a check after the newest watch finds nothing
        opened = look_for_another();
        for (File& file : files_) {
            read_on(file, take);
        }
        let_go(take);
    }
    is_first_read_ = false;
    if (problem_.empty() && !present()) {
        problem_ = "there is no " + path_.string() + " (yet)";
    }
}

bool FollowFile::look_for_another() {
    const bool first = std::exchange(first_look_, false);
    struct stat named{};
    const bool exists = calls_.stat(path_.c_str(), &named) == 0;
    if (!exists && errno != ENOENT && errno != ENOTDIR) {
        fail("cannot open"); // it is not known whether another file has the name by now, so the old one is read on
        return false;
    }
    if (present()) {
        File& current = files_.back();
        if (exists && named.st_dev == current.device && named.st_ino == current.inode) {
            return false;
        }
        current.is_current = false;
        current.replaced = std::chrono::steady_clock::now();
    }
    if (!exists) {
        return false;
    }
    base::UniqueFd fd{calls_.open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0)};
    if (!fd.valid()) {
        if (errno != ENOENT && errno != ENOTDIR) {
            fail("cannot open");
        }
        return false;
    }
    struct stat opened{};
    if (fstat(fd.get(), &opened) != 0) {
        fail("cannot open");
        return false;
    }
    // A file that was renamed back is known: reading continues where it stopped.
    const auto known = std::find_if(files_.begin(), files_.end(), [&opened](const File& file) {
        return file.device == opened.st_dev && file.inode == opened.st_ino;
    });
    if (known != files_.end()) {
        known->is_current = true;
        std::rotate(known, std::next(known), files_.end());
        return false;
    }
    File file;
    file.device = opened.st_dev;
    file.inode = opened.st_ino;
    file.offset = first ? opened.st_size : 0;
    // Watched before it is read. Otherwise text that is appended in between would have no event.
    file.watch = watch(fd.get());
    file.fd = std::move(fd);
    files_.push_back(std::move(file));
    return true;
}

int FollowFile::watch(int fd) const {
    // Not watched by its path, which may belong to another file by now.
    const std::string itself = "/proc/self/fd/" + std::to_string(fd);
    const int watch = inotify_add_watch(inotify_.get(), itself.c_str(), file_events);
    return watch >= 0 ? watch : inotify_add_watch(inotify_.get(), path_.c_str(), file_events); // /proc may be missing
}

void FollowFile::read_on(File& file, const LineCutter::Take& take) {
    struct stat now{};
    if (fstat(file.fd.get(), &now) == 0 && S_ISREG(now.st_mode) && now.st_size < file.offset) {
        file.offset = 0; // truncated: the rest of the started line is gone
        file.lines.clear();
    }
    std::array<char, std::size_t{64} * 1024> buffer; // NOLINT(*-member-init): read fills the bytes that are used
    file.has_more = false;
    for (int chunk = 0; chunk < most_chunks; ++chunk) {
        const ssize_t got = pread(file.fd.get(), buffer.data(), buffer.size(), file.offset);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            fail("cannot read");
            return;
        }
        if (got == 0) {
            return;
        }
        file.offset += got;
        file.lines.feed({buffer.data(), static_cast<std::size_t>(got)}, take);
    }
    file.has_more = true;
}

void FollowFile::let_go(const LineCutter::Take& take) {
    const auto now = std::chrono::steady_clock::now();
    while (!files_.empty() && !files_.front().is_current && !files_.front().has_more &&
           (now - files_.front().replaced > read_old_for || files_.size() > most_files)) {
        files_.front().lines.finish(take);
        inotify_rm_watch(inotify_.get(), files_.front().watch);
        files_.erase(files_.begin());
    }
}

bool FollowFile::wait(const std::stop_token& stop) {
    const std::stop_callback wake_up{stop, [this] {
                                         const std::uint64_t one = 1;
                                         [[maybe_unused]] const ssize_t written =
                                             ::write(wake_.get(), &one, sizeof one);
                                     }};
    std::array<pollfd, 2> watched{{{inotify_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    const bool has_more = std::any_of(files_.begin(), files_.end(), [](const File& file) { return file.has_more; });
    calls_.poll(watched.data(), watched.size(), has_more ? 0 : look_again_after_ms);
    return !stop.stop_requested();
}

} // namespace tickertape::collector
