// SPDX-License-Identifier: MIT
/// \file
/// Log: sentences on standard error or in a file.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include <tickertape/time.hpp>

#include "base/unique_fd.hpp"

namespace tickertape::cli::agent {

/// Never waits for who reads it: what finds no room is dropped, and the next sentence says how many were.
///
/// Thread safety: all members may be called from any thread.
class Log {
public:
    /// To the end of a file, with the time in front of each sentence; an empty path is standard error, as journald takes it. Throws
    /// std::system_error.
    explicit Log(const std::string& path);
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void say(std::string_view sentence);
    /// Opens the file anew: logrotate has moved it. Stays with the old one if that fails.
    void reopen();

private:
    void write_line(const std::string& line);

    std::mutex mutex_;
    std::string path_;
    base::UniqueFd file_;
    std::uint64_t dropped_ = 0;
};

/// How many sentences one child may say: so many at once, and one more each three seconds.
///
/// Thread safety: none.
class Allowance {
public:
    /// Whether one more may be said; if not, it is counted.
    [[nodiscard]] bool take(SteadyTime now);
    /// How many were not, since the last call.
    [[nodiscard]] std::uint64_t take_missed() noexcept;

private:
    static constexpr double most = 20;
    double left_ = most;
    SteadyTime filled_{};
    std::uint64_t missed_ = 0;
};

/// `text` without what could command a terminal, and no longer than a sentence.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace tickertape::cli::agent
