// SPDX-License-Identifier: MIT
/// \file
/// Terminal: a pseudo-terminal, and the picture that it shows.
#pragma once

#include <termios.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "support/process.hpp"
#include "support/vt_screen.hpp"

namespace test {

/// The test has both ends: it types, and sees the program's picture. For a program that leads its own session and opens `path()`,
/// this is the controlling terminal.
class Terminal {
public:
    /// Throws std::system_error if there is no pseudo-terminal.
    Terminal(std::size_t rows, std::size_t columns);

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    void type(std::string_view keys) { ours_.write(keys); }
    /// The programs on it are notified.
    void resize(std::size_t rows, std::size_t columns);
    /// Reads until `as_wanted` is true for the screen. Returns whether it became true.
    bool shows(const std::function<bool(const VtScreen&)>& as_wanted);
    /// The same for a text anywhere on the screen.
    bool shows(std::string_view text);
    /// Reads the available bytes.
    const VtScreen& screen();
    /// All bytes so far.
    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

    [[nodiscard]] termios modes() const;
    /// Ends like a terminal whose line is hung up.
    void hang_up() { ours_.close(); }

private:
    bool take(std::chrono::milliseconds within);

    PipeEnd ours_;
    PipeEnd theirs_; // keeps it alive while no program has it open
    std::filesystem::path path_;
    VtScreen screen_;
    std::string bytes_;
};

/// Returns whether two terminals have the same modes.
[[nodiscard]] bool same(const termios& one, const termios& other) noexcept;

} // namespace test
