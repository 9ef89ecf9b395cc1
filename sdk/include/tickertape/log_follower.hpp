// SPDX-License-Identifier: MIT
/// \file
/// LogFollower: the lines that come into a log.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <tickertape/stop.hpp>

namespace tickertape {

namespace collector {
class LogSource;
}

/// Follows a log from now on: a file across its rotations, a pipe, standard input or the system's journal.
///
/// A *file* is read from its end when it is there at the start, and from its beginning when it appears later. After a
/// rotation by rename the old file is read to its end, and for five minutes more, as its writer may be late; so no line is lost. A file that
/// became shorter is read from its beginning. inotify says when to read; the file is looked at once a second besides, so
/// that it is followed on network and FUSE file systems, too, and where there is no inotify instance left. A file that
/// cannot be opened is tried again each second.
///
/// A *FIFO* is read like standard input, and goes on when its writers end: others may come.
///
/// The *journal* is read through libsystemd, which has to be installed.
///
/// A line that is longer than 64 KiB is cut there.
///
/// Thread safety: none; one thread at a time.
class LogFollower {
public:
    using Take = std::function<void(std::string_view line)>;
    using Observe = std::function<void(bool is_read)>;

    /// A file, or standard input for `-`. Nothing is opened yet.
    explicit LogFollower(std::string path);

    /// The entries of the system's journal, or of the journal files in `directory`: `MESSAGE` as a line; of `unit` alone (`ssh`,
    /// `ssh.service`) if it is not empty. Throws CannotWork without libsystemd.
    [[nodiscard]] static LogFollower journal(const std::string& unit, const std::string& directory = {});
    /// A file of the journal, whose group may read it; empty if there is none.
    [[nodiscard]] static std::filesystem::path journal_file(const std::filesystem::path& directory = {});

    LogFollower(LogFollower&&) noexcept;
    LogFollower& operator=(LogFollower&&) noexcept;
    ~LogFollower();

    /// Opens the log and goes to its end. Returns whether it can be read now; not if it is not there (yet). Throws CannotWork if
    /// it may not be read, std::system_error if it fails.
    bool open();

    /// Calls `take` for each line until a stop is requested or standard input ends; what was written before the stop is read.
    /// Calls `observe` with whether the log can be read, when that changes: a counter of lines is to be suspended
    /// meanwhile, as no line is not no event. A read that takes nothing for half a second, as on a file system that hangs, counts as
    /// unreadable from then on; `observe` is then called on another thread, never at the same time. A log that cannot be read for a
    /// second is reported once. Opens the log if `open` was not called.
    void run(Stop& stop, const Take& take, const Observe& observe = nullptr);

private:
    explicit LogFollower(std::unique_ptr<collector::LogSource> source);

    std::string path_;
    std::unique_ptr<collector::LogSource> source_;
    bool is_open_ = false;
};

} // namespace tickertape
