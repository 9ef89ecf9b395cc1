// SPDX-License-Identifier: MIT
/// \file
/// Screen: draws on a terminal, and restores it at the end.
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

/// While it lives, the terminal shows its alternate screen, without a cursor, and passes each key at once. The end restores the
/// terminal, also when a crash or SIGQUIT ends the process. Ctrl-C and Ctrl-Z are still signals. Output that the terminal does
/// not accept waits here. Only `leave` blocks, for a second at most.
///
/// Thread safety: one thread, one Screen at a time.
class Screen {
public:
    /// Uses the terminal that is stdout, or, if `stdout_is_taken`, the one that controls the process. Throws UsageError if there
    /// is none, or if it cannot place its cursor.
    explicit Screen(bool stdout_is_taken);
    ~Screen() { leave(); }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    /// Restores the terminal, for a while or for good.
    void leave() noexcept;
    /// Takes the terminal again, after `leave`, or after another program may have changed it.
    void enter();

    [[nodiscard]] Size size() const noexcept;
    /// Draws the differences from the present picture. Does nothing while an earlier picture is still being written.
    void show(const std::vector<ScreenLine>& lines);
    /// Makes the next `show` draw everything.
    void redraw() { shown_.clear(); }

    /// Returns whether output waits for the terminal; call `write` when the terminal is writable.
    [[nodiscard]] bool is_under_way() const noexcept { return !output_.empty(); }
    void write();
    /// Returns the bytes of the pressed keys; an empty text if there are none. Afterwards `is_gone` is true if the terminal is
    /// gone.
    [[nodiscard]] std::string read();
    [[nodiscard]] bool is_gone() const noexcept { return is_gone_; }
    /// The descriptor to poll for keys, and for room.
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
