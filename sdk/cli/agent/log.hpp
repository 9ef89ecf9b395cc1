// SPDX-License-Identifier: MIT
/// \file
/// Log: sentences on standard error or in a file.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include <tickertape/time.hpp>

#include "base/log.hpp"
#include "base/unique_fd.hpp"

namespace tickertape::cli::agent {

/// Never waits for the reader. A sentence without room is dropped, and the next sentence gives the number of dropped ones.
///
/// Thread safety: all members may be called from any thread.
class Log {
public:
    /// Appends to a file, with the time in front of each sentence. An empty path is standard error, where journald adds the time, and a
    /// sentence has its priority in front.
    /// Throws std::system_error.
    explicit Log(const std::string& path);
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    /// Drops sentences below the level of --log-level.
    void say(base::Level level, std::string_view sentence);
    /// The same at the level warning.
    void say(std::string_view sentence) { say(base::Level::warning, sentence); }
    /// Opens the file again, after logrotate has moved it. Keeps the old one if that fails.
    void reopen();

private:
    void write_line(base::Level level, const std::string& line);

    std::mutex mutex_;
    std::string path_;
    base::UniqueFd file_;
    std::uint64_t dropped_ = 0;
};

/// The rate limit for messages about one child: `most` at once, and one more every three seconds.
///
/// Thread safety: none.
class MessageLimit {
public:
    /// Returns whether one more message may be logged; counts it if not.
    [[nodiscard]] bool take(SteadyTime now);
    /// Returns how many messages were not logged since the last call.
    [[nodiscard]] std::uint64_t take_missed() noexcept;

private:
    static constexpr double most = 20;
    double left_ = most;
    SteadyTime filled_{};
    std::uint64_t missed_ = 0;
};

/// Returns `text` without control characters for a terminal, and no longer than a sentence.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace tickertape::cli::agent
