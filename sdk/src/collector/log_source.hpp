// SPDX-License-Identifier: MIT
/// \file
/// The source of a LogFollower.
#pragma once

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>

#include <tickertape/log_follower.hpp>

namespace tickertape::collector {

/// A source of log lines.
///
/// Thread safety: none; one thread at a time.
class LogSource {
public:
    LogSource() = default;
    LogSource(const LogSource&) = delete;
    LogSource& operator=(const LogSource&) = delete;
    virtual ~LogSource() = default;

    /// Goes to the end of the log. Throws std::system_error or CannotWork.
    virtual void open() = 0;
    /// Takes the available lines, without waiting. Returns whether there are more.
    virtual bool read(const LogFollower::Take& take) = 0;
    /// Returns why the last read failed, as a sentence without a period; empty if it succeeded.
    [[nodiscard]] virtual const std::string& problem() const noexcept = 0;
    /// Waits until there may be lines, for at most a second. Returns false if a stop is requested.
    virtual bool wait(const std::stop_token& stop) = 0;
};

[[nodiscard]] std::unique_ptr<LogSource> file_source(std::filesystem::path path);
/// Makes the source of a FIFO, or of standard input for `-`.
[[nodiscard]] std::unique_ptr<LogSource> stream_source(std::string path);
/// Makes the source of the journal files in `directory`, or of the system's journal if that is empty. Of `unit` only, if that is
/// not empty.
[[nodiscard]] std::unique_ptr<LogSource> journal_source(std::string directory, std::string unit);

} // namespace tickertape::collector
