// SPDX-License-Identifier: MIT
#include "cli/terminal/screen.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

#include <tickertape/name.hpp>

#include "cli/terminal/terminal.hpp"

namespace tickertape::cli::terminal {

namespace {

constexpr std::string_view enter_screen = "\x1b[?1049h\x1b[?25l\x1b[2J";
// The first escape also ends an incomplete sequence.
constexpr std::string_view leave_screen = "\x1b[?2026l\x1b[0m\x1b[?25h\x1b[?1049l";
// For terminals that support it: they show everything up to the end mark at once.
constexpr std::string_view begin_picture = "\x1b[?2026h";
constexpr std::string_view end_picture = "\x1b[?2026l";
constexpr std::chrono::seconds patience{1};

/// The state that a signal handler needs to restore the terminal.
constinit std::atomic<int> terminal_in_use{-1};
constinit termios modes_before{};

void give_back_and_end(int signal) {
    const int fd = terminal_in_use.exchange(-1);
    if (fd >= 0) {
        [[maybe_unused]] const ssize_t written = ::write(fd, leave_screen.data(), leave_screen.size());
        tcsetattr(fd, TCSANOW, &modes_before);
    }
    raise(signal); // the handler was reset to the default action
}

void handle_crashes() {
    for (const int signal : {SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
        struct sigaction action{};
        if (sigaction(signal, nullptr, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0 &&
            action.sa_handler == SIG_DFL) {
            action.sa_handler = &give_back_and_end;
            action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
            sigaction(signal, &action, nullptr);
        }
    }
}

// Opens the terminal anew, so that it can be non-blocking for this program only.
base::UniqueFd open_terminal(bool stdout_is_taken) {
    std::array<char, 256> name{"/dev/tty"};
    if (!stdout_is_taken && ttyname_r(STDOUT_FILENO, name.data(), name.size()) != 0) {
        name = {"/dev/tty"};
    }
    base::UniqueFd fd{open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)};
    if (!fd.valid()) {
        throw UsageError{"there is no terminal to draw on: " +
                         std::system_error{errno, std::generic_category(), name.data()}.code().message()};
    }
    if (!can_place_cursor()) {
        throw UsageError{"the terminal cannot place its cursor, according to TERM"};
    }
    return fd;
}

} // namespace

Screen::Screen(bool stdout_is_taken) : fd_{open_terminal(stdout_is_taken)}, writer_{fd_.get(), base::Syscalls::real()} {
    handle_crashes();
    enter();
}

void Screen::enter() {
    const bool is_again = is_entered_;
    if (!is_again && tcgetattr(fd_.get(), &before_) != 0) {
        throw std::system_error{errno, std::generic_category(), "cannot read the modes of the terminal"};
    }
    termios modes = before_;
    modes.c_lflag &= static_cast<tcflag_t>(~(ICANON | ECHO | IEXTEN));
    modes.c_iflag &= static_cast<tcflag_t>(~(IXON | ICRNL | INLCR)); // Ctrl-S must not stop the picture
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    modes_before = before_;
    terminal_in_use = fd_.get();
    is_entered_ = true;
    // In the background, the process is stopped here, before it draws anything.
    while (tcsetattr(fd_.get(), TCSANOW, &modes) != 0) {
        if (errno != EINTR && is_again) { // a hang-up continues a stopped process, too
            is_gone_ = true;
            return;
        }
        if (errno != EINTR) {
            throw std::system_error{errno, std::generic_category(), "cannot set the modes of the terminal"};
        }
    }
    output_ = enter_screen;
    shown_.clear();
}

void Screen::leave() noexcept {
    if (!std::exchange(is_entered_, false)) {
        return;
    }
    output_.clear();
    std::chrono::nanoseconds left = patience;
    static_cast<void>(writer_.write(leave_screen, left));
    tcsetattr(fd_.get(), TCSANOW, &before_);
    terminal_in_use = -1;
}

Size Screen::size() const noexcept {
    winsize size{};
    if (ioctl(fd_.get(), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        return {.rows = size.ws_row, .columns = size.ws_col};
    }
    return {};
}

void Screen::show(const std::vector<ScreenLine>& lines) {
    const std::size_t columns = size().columns;
    if (is_under_way() && output_ != enter_screen) {
        return;
    }
    std::string picture;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i < shown_.size() && shown_[i] == lines[i]) {
            continue;
        }
        picture.append("\x1b[").append(std::to_string(i + 1)).append(";1H").append(lines[i].text);
        if (lines[i].width < columns) {
            picture.append("\x1b[K"); // after a full line, this would erase the last character
        }
    }
    if (!picture.empty()) {
        output_.append(begin_picture).append(picture).append(end_picture);
        shown_ = lines;
    }
    write();
}

void Screen::write() {
    std::chrono::nanoseconds none{0};
    const output::WriteResult result = writer_.write(output_, none);
    output_.erase(0, result.written);
    is_gone_ = is_gone_ || result.end == output::WriteEnd::closed || result.end == output::WriteEnd::failed;
}

std::string Screen::read() {
    std::array<char, 1024> bytes{};
    const ssize_t got = ::read(fd_.get(), bytes.data(), bytes.size());
    if (got > 0) {
        return {bytes.data(), static_cast<std::size_t>(got)};
    }
    is_gone_ = is_gone_ || got == 0 || (errno != EAGAIN && errno != EINTR);
    return {};
}

} // namespace tickertape::cli::terminal
