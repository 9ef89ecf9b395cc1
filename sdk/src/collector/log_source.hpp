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

/// A log of some kind.
///
/// Thread safety: none; one thread at a time.
class LogSource {
public:
    LogSource() = default;
    LogSource(const LogSource&) = delete;
    LogSource& operator=(const LogSource&) = delete;
    virtual ~LogSource() = default;

    /// Goes to its end. Throws std::system_error or CannotWork.
    virtual void open() = 0;
    /// Takes the available lines, without waiting. Returns whether more may come.
    virtual bool read(const LogFollower::Take& take) = 0;
    /// Why it could not be read at the last read, a sentence without an end; empty if it was.
    [[nodiscard]] virtual const std::string& problem() const noexcept = 0;
    /// Until there may be something to read, a second at most. Returns false when a stop is requested.
    virtual bool wait(const std::stop_token& stop) = 0;
};

[[nodiscard]] std::unique_ptr<LogSource> file_source(std::filesystem::path path);
/// A FIFO, or standard input for `-`.
[[nodiscard]] std::unique_ptr<LogSource> stream_source(std::string path);
/// The journal files in `directory`, or the system's if that is empty; of `unit` alone if it is not empty.
[[nodiscard]] std::unique_ptr<LogSource> journal_source(std::string directory, std::string unit);

} // namespace tickertape::collector
