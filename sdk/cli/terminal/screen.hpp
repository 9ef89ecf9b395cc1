// SPDX-License-Identifier: MIT
/// \file
/// Screen: a terminal that is drawn on, and given back as it was.
#pragma once

#include <termios.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"
#include "cli/terminal/screen_line.hpp"
#include "output/fd_writer.hpp"

namespace tickertape::cli::terminal {

/// While it lives the terminal shows its other page, without a cursor, and hands over each key as it is pressed. What
/// it was like before is restored at the end, also when a signal of a crash or SIGQUIT ends the process. Ctrl-C and
/// Ctrl-Z go on to be signals. What is drawn waits here until the terminal takes it; only `leave` blocks, for a second
/// at most.
///
/// Thread safety: one thread, one Screen at a time.
class Screen {
public:
    /// The terminal that stdout is, or the one that controls the process, if `stdout_is_taken`. Throws UsageError where
    /// there is none, or none that can place its cursor.
    explicit Screen(bool stdout_is_taken);
    ~Screen() { leave(); }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    /// Gives the terminal back, for a while or for good.
    void leave() noexcept;
    /// Takes it again, after `leave`, or when it may have been changed behind our back.
    void enter();

    [[nodiscard]] Size size() const noexcept;
    /// Draws the differences from the present picture. Does nothing while an earlier picture is under way.
    void show(const std::vector<ScreenLine>& lines);
    /// Draws all of the next picture.
    void redraw() { shown_.clear(); }

    /// Whether the terminal has yet to take something; then `write` when it can be written to.
    [[nodiscard]] bool is_under_way() const noexcept { return !output_.empty(); }
    void write();
    /// The keys that were pressed, as bytes; nothing if there are none. `is_gone` if the terminal is.
    [[nodiscard]] std::string read();
    [[nodiscard]] bool is_gone() const noexcept { return is_gone_; }
    /// Waits for keys, and room.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

private:
    base::UniqueFd fd_;
    output::FdWriter writer_;
    termios before_{};
    bool is_entered_ = false;
    bool is_gone_ = false;
    std::string output_;
    std::vector<ScreenLine> shown_;
};

} // namespace tickertape::cli::terminal
