// SPDX-License-Identifier: MIT
/// \file
/// Progress: a bar on the terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tickertape::cli::terminal {

/// Returns a text such as `881 k lines/s`.
[[nodiscard]] std::string rate_text(double lines_per_second);

/// Shows a line on stderr, if that is a terminal, while a file of known size is read: a bar, the rate and the remaining time. The
/// cursor stays at the start of the line, so a message of another thread overwrites it.
///
/// Thread safety: none.
class Progress {
public:
    Progress();
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// A file of `size` bytes begins, after `lines` lines of other files. 0: the size is not known.
    void begin(std::uint64_t size, std::uint64_t lines);
    /// Draws the line, a few times a second at most.
    void show(std::uint64_t position, std::uint64_t lines);
    /// Removes the line from the terminal.
    void clear();

private:
    using Clock = std::chrono::steady_clock;

    bool on_terminal_;
    bool is_shown_ = false;
    std::uint64_t size_ = 0;
    std::uint64_t first_lines_ = 0;
    Clock::time_point begun_{};
    Clock::time_point next_{};
};

} // namespace tickertape::cli::terminal
