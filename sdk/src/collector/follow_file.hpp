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

/// Cuts text into lines. A line longer than `longest` is passed on cut short, once.
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
    bool overlong_ = false; // its beginning has been passed on
};

/// Reads the lines that are appended to a file from now on; from its start, if it appears later. When the file is renamed
/// or deleted and another takes its name, the old one is read to its end, and on for a while, as its writer may be late. A
/// file that became shorter is read from its start. inotify says when to look. The file is looked at once a second besides,
/// so that it is followed where inotify is silent or not to be had.
///
/// Thread safety: none.
class FollowFile {
public:
    /// `calls` has to outlive it.
    explicit FollowFile(std::filesystem::path path, base::Syscalls& calls = base::Syscalls::real());
    ~FollowFile();
    FollowFile(const FollowFile&) = delete;
    FollowFile& operator=(const FollowFile&) = delete;

    /// Reads the available text, up to a mebibyte of a file: `take(line)` for each line. Does not block.
    /// The first call throws std::system_error that names the file when it cannot be opened or read for another reason than
    /// that it is not there; EACCES is one. Later calls never do: the file is tried again with each, see `problem`.
    void read(const LineCutter::Take& take);

    /// Blocks until there may be something to read, or a stop is requested. Returns false in that case.
    bool wait(const std::stop_token& stop);

    /// Why the file that has the name could not be read at the last read, as a sentence without an end: it is not there, is
    /// forbidden, fails. Empty if it was read.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

    /// Whether the file was there, and open, at the last read.
    [[nodiscard]] bool present() const noexcept { return !files_.empty() && files_.back().is_current; }

private:
    struct File {
        base::UniqueFd fd;
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t offset = 0;
        int watch = -1;
        bool is_current = true;
        bool has_more = false; // than was read at one go
        std::chrono::steady_clock::time_point replaced{};
        LineCutter lines{};
    };

    /// Returns whether it opened a file anew. Changes of the name before the watch began are found only by checking again.
    bool look_for_another();
    [[nodiscard]] int watch(int fd) const;
    void read_on(File& file, const LineCutter::Take& take);
    void let_go(const LineCutter::Take& take);
    /// Throws errno at the first read, notes it later.
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
