// SPDX-License-Identifier: MIT
/// \file
/// Terminal: a pseudo-terminal, and what it shows.
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

/// The test holds both ends: it types, and sees what a program shows. A program that leads a session of its own and
/// opens `path()` has it for its controlling terminal.
class Terminal {
public:
    /// Throws std::system_error if there is no pseudo-terminal.
    Terminal(std::size_t rows, std::size_t columns);

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    void type(std::string_view keys) { ours_.write(keys); }
    /// The programs on it are told.
    void resize(std::size_t rows, std::size_t columns);
    /// Takes what has come, and waits for more until the screen is as it should be. Returns whether it became so.
    bool shows(const std::function<bool(const VtScreen&)>& as_wanted);
    /// The same for a text anywhere on it.
    bool shows(std::string_view text);
    /// Takes what has come.
    const VtScreen& screen();
    /// All bytes so far.
    [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

    [[nodiscard]] termios modes() const;
    /// As a hung-up line does it.
    void hang_up() { ours_.close(); }

private:
    bool take(std::chrono::milliseconds within);

    PipeEnd ours_;
    PipeEnd theirs_; // so that it stays when no program has it open
    std::filesystem::path path_;
    VtScreen screen_;
    std::string bytes_;
};

/// Whether two terminals behave alike.
[[nodiscard]] bool same(const termios& one, const termios& other) noexcept;

} // namespace test
