// SPDX-License-Identifier: MIT
#include "support/terminal.hpp"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <system_error>

namespace test {

namespace {

winsize size_of(std::size_t rows, std::size_t columns) {
    return {.ws_row = static_cast<unsigned short>(rows),
            .ws_col = static_cast<unsigned short>(columns),
            .ws_xpixel = 0,
            .ws_ypixel = 0};
}

} // namespace

Terminal::Terminal(std::size_t rows, std::size_t columns) : screen_{rows, columns} {
    int ours = -1;
    int theirs = -1;
    const winsize size = size_of(rows, columns);
    std::array<char, 256> name{};
    if (openpty(&ours, &theirs, nullptr, nullptr, &size) != 0 || ttyname_r(theirs, name.data(), name.size()) != 0) {
        throw std::system_error{errno, std::generic_category(), "cannot make a terminal"};
    }
    ours_ = PipeEnd{ours};
    theirs_ = PipeEnd{theirs};
    path_ = name.data();
    for (const int fd : {ours, theirs}) {
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
}

void Terminal::resize(std::size_t rows, std::size_t columns) {
    take(std::chrono::milliseconds{0}); // the old picture, drawn for the earlier size
    screen_.resize(rows, columns);
    const winsize size = size_of(rows, columns);
    ioctl(ours_.fd(), TIOCSWINSZ, &size);
}

bool Terminal::take(std::chrono::milliseconds within) {
    const std::string some = ours_.read_some(within);
    bytes_ += some;
    screen_.feed(some);
    return !some.empty();
}

bool Terminal::shows(const std::function<bool(const VtScreen&)>& as_wanted) {
    const auto deadline = std::chrono::steady_clock::now() + at_some_time;
    while (screen_.is_held() || !as_wanted(screen_)) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (!take(std::max(left, std::chrono::milliseconds{0}))) {
            return false;
        }
    }
    return true;
}

bool Terminal::shows(std::string_view text) {
    return shows([text](const VtScreen& screen) { return screen.text().find(text) != std::string::npos; });
}

const VtScreen& Terminal::screen() {
    while (take(std::chrono::milliseconds{0})) {
    }
    return screen_;
}

termios Terminal::modes() const {
    termios modes{};
    if (tcgetattr(theirs_.fd(), &modes) != 0) {
        throw std::system_error{errno, std::generic_category(), "cannot read the modes of a terminal"};
    }
    return modes;
}

bool same(const termios& one, const termios& other) noexcept {
    return one.c_iflag == other.c_iflag && one.c_oflag == other.c_oflag && one.c_cflag == other.c_cflag &&
           one.c_lflag == other.c_lflag && std::equal(std::begin(one.c_cc), std::end(one.c_cc), std::begin(other.c_cc));
}

} // namespace test
