// SPDX-License-Identifier: MIT
/// \file
/// Progress: a bar on the terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tickertape::cli::terminal {

/// `881 k lines/s`
[[nodiscard]] std::string rate_text(double lines_per_second);

/// A line on stderr, if that is a terminal, with a bar, the rate and the time that is left, while a file of known size is
/// read. Nothing otherwise. The cursor stays in front of it, so that what another thread has to say takes its place.
///
/// Thread safety: none.
class Progress {
public:
    Progress();
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// A file of `size` bytes begins, after so many lines of others; 0 if the size is not known.
    void begin(std::uint64_t size, std::uint64_t lines);
    /// Draws it, a few times a second at most.
    void show(std::uint64_t position, std::uint64_t lines);
    /// Takes it off the terminal.
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
