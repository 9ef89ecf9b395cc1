// SPDX-License-Identifier: MIT
#include "cli/terminal/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

namespace tickertape::cli::terminal {

namespace {

constexpr std::chrono::milliseconds redraw{200};
constexpr std::size_t text_width = 44; // columns beside the bar
constexpr std::size_t narrowest = 20;

std::size_t columns() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

std::string rate_text(double lines_per_second) {
    std::size_t thousands = 0;
    constexpr std::array<const char*, 4> units{"", " k", " M", " G"};
    for (; lines_per_second >= 999.5 && thousands + 1 < units.size(); ++thousands) { // 999.5 would become 1e+03
        lines_per_second /= 1000;
    }
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%.3g%s lines/s", lines_per_second, units[thousands]);
    return text.data();
}

Progress::Progress() : on_terminal_{isatty(STDERR_FILENO) == 1} {}

void Progress::begin(std::uint64_t size, std::uint64_t lines) {
    size_ = size;
    begun_ = Clock::now();
    next_ = begun_ + redraw;
    first_lines_ = lines;
}

void Progress::show(std::uint64_t position, std::uint64_t lines) {
    const auto now = Clock::now();
    if (!on_terminal_ || size_ == 0 || now < next_) {
        return;
    }
    next_ = now + redraw;
    const double part = std::min(1.0, static_cast<double>(position) / static_cast<double>(size_));
    const double seconds = std::chrono::duration<double>(now - begun_).count();
    const std::size_t room = columns();
    const std::size_t width = room > text_width + narrowest ? std::min<std::size_t>(room - text_width, 60) : 0;
    const auto full = static_cast<std::size_t>(part * static_cast<double>(width));
    std::array<char, text_width + 1> text{};
    std::snprintf(text.data(), text.size(), " %3.0f %%  %s  %.0f s left ", part * 100,
                  rate_text(static_cast<double>(lines - first_lines_) / seconds).c_str(),
                  part > 0 ? seconds * (1 - part) / part : 0.0);
    std::string line;
    if (width > 0) {
        line.append("[").append(full, '#').append(width - full, '.').append("]");
    }
    line.append(text.data());
    line.resize(std::min(line.size(), room - 1)); // a line that fits does not scroll
    std::fprintf(stderr, "\x1b[K%s\r", line.c_str());
    std::fflush(stderr);
    is_shown_ = true;
}

void Progress::clear() {
    if (is_shown_) {
        std::fputs("\x1b[K", stderr);
        std::fflush(stderr);
        is_shown_ = false;
    }
}

} // namespace tickertape::cli::terminal
