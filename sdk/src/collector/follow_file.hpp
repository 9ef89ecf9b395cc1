// SPDX-License-Identifier: MIT
/// \file
/// FollowFile: the lines that are appended to a file, across rotation.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/syscalls.hpp"
#include "base/unique_fd.hpp"

namespace tickertape::collector {

/// Splits text into lines. Of a line longer than `longest` it passes on only the beginning.
class LineCutter {
public:
    using Take = std::function<void(std::string_view)>;

    static constexpr std::size_t longest = std::size_t{64} * 1024;

    void feed(std::string_view text, const Take& take);
    /// Passes on a last line without an end.
    void finish(const Take& take);
    void clear() noexcept;

private:
    std::string begun_;
    bool overlong_ = false; // the beginning of the present line has been passed on
};

/// Reads the lines that are appended to a file from now on; if the file appears later, from its start. When the file is renamed
/// or deleted and another file gets its name, the old one is read to its end, and for some time afterwards, because its writer
/// may be late. A file that became shorter is read from its start. inotify reports changes. The file is also checked once a
/// second, in case inotify is silent or unavailable.
///
/// Thread safety: none.
class FollowFile {
public:
    /// `calls` must outlive it.
    explicit FollowFile(std::filesystem::path path, base::Syscalls& calls = base::Syscalls::real());
    ~FollowFile();
    FollowFile(const FollowFile&) = delete;
    FollowFile& operator=(const FollowFile&) = delete;

    /// Reads the available text, up to a mebibyte of each file, and calls `take(line)` for each line. Does not block. The first
    /// call throws std::system_error that names the file if it cannot be opened or read, except if it does not exist; EACCES
    /// throws. Later calls do not throw: each of them tries the file again, see `problem`.
    void read(const LineCutter::Take& take);

    /// Blocks until there may be text to read. Returns false if a stop is requested.
    bool wait(const std::stop_token& stop);

    /// Returns why the present file could not be read the last time, as a sentence without a period; empty if it was read.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

    /// Returns whether the file existed and was open at the last read.
    [[nodiscard]] bool present() const noexcept { return !files_.empty() && files_.back().is_current; }

private:
    struct File {
        base::UniqueFd fd;
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t offset = 0;
        int watch = -1;
        bool is_current = true;
        bool has_more = false; // one call does not read all of its text
        std::chrono::steady_clock::time_point replaced{};
        LineCutter lines{};
    };

    /// Opens a file that has got the name. Returns whether it did. Without a watch, only this check finds such a change.
    bool look_for_another();
    [[nodiscard]] int watch(int fd) const;
    void read_on(File& file, const LineCutter::Take& take);
    void let_go(const LineCutter::Take& take);
    /// Throws errno at the first read; later it only notes the problem.
    void fail(const char* what);

    std::filesystem::path path_;
    base::Syscalls& calls_;
    base::UniqueFd inotify_;
    base::UniqueFd wake_;
    int directory_watch_ = -1;
    bool first_look_ = true;
    bool is_first_read_ = true;
    std::string problem_;
    std::vector<File> files_; // oldest first; the last may be the current one
};

} // namespace tickertape::collector
