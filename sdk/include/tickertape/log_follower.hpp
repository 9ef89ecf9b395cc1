// SPDX-License-Identifier: MIT
/// \file
/// LogFollower: calls a function with each new line of a log.
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
/// A *file* that exists at the start is read from its end, a file that appears later from its beginning. After a
/// rotation by rename the old file is read to its end and for five more minutes, because its writer may be late; so no line is lost. A
/// file that became shorter is read from its beginning. inotify triggers the reads. In addition, the file is read once a second, so
/// it is also followed on network and FUSE file systems, and where no inotify instance is left. A file that
/// cannot be opened is tried again each second.
///
/// A *FIFO* is read like standard input. Reading goes on when its writers end, because others may come.
///
/// The *journal* is read through libsystemd, which must be installed.
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

    /// Follows the system's journal, or the journal files in `directory`. Each entry's `MESSAGE` is a line. If `unit` is not empty (`ssh`,
    /// `ssh.service`), only entries of that unit count. Throws CannotWork without libsystemd.
    [[nodiscard]] static LogFollower journal(const std::string& unit, const std::string& directory = {});
    /// A file of the journal, whose group may read it; empty if there is none.
    [[nodiscard]] static std::filesystem::path journal_file(const std::filesystem::path& directory = {});

    LogFollower(LogFollower&&) noexcept;
    LogFollower& operator=(LogFollower&&) noexcept;
    ~LogFollower();

    /// Opens the log and goes to its end. Returns false if it does not exist (yet). Throws CannotWork if this user
    /// may not read it, std::system_error if opening fails.
    bool open();

    /// Calls `take` for each line until a stop is requested or standard input ends. Lines that were written before the stop are still read.
    /// Calls `observe(false)` when the log becomes unreadable and `observe(true)` when it can be read again: suspend a counter of lines
    /// in between, because a missing line does not mean that nothing happened. If a read hangs for half a second, as on a file system
    /// whose server is gone, the log counts as unreadable; `observe` is then called on another thread, never twice at the same time. A log
    /// that cannot be read for a second is reported once. Opens the log if `open` was not called.
    void run(Stop& stop, const Take& take, const Observe& observe = nullptr);

private:
    explicit LogFollower(std::unique_ptr<collector::LogSource> source);

    std::string path_;
    std::unique_ptr<collector::LogSource> source_;
    bool is_open_ = false;
};

} // namespace tickertape
