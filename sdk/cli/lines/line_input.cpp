// SPDX-License-Identifier: MIT
#include "cli/lines/line_input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace tickertape::cli::lines {

namespace {

constexpr std::size_t buffer_size = std::size_t{256} * 1024;

} // namespace

LineInput::LineInput(const std::string& path)
    // Opening a FIFO would wait for a writer, and see no stop.
    : LineInput{path == "-" ? base::UniqueFd{}
                            : base::UniqueFd{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)},
                path == "-" ? "stdin" : path, path == "-"} {}

LineInput::LineInput(base::UniqueFd fd, std::string name) : LineInput{std::move(fd), std::move(name), false} {}

LineInput::LineInput(base::UniqueFd fd, std::string name, bool is_stdin)
    : name_{std::move(name)}, owned_{std::move(fd)}, fd_{is_stdin ? STDIN_FILENO : owned_.get()},
      wake_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}, buffer_(buffer_size) {
    struct stat status{};
    if (fd_ < 0 || !wake_.valid() || fstat(fd_, &status) != 0) {
        throw std::system_error{errno, std::generic_category(), "cannot open " + name_};
    }
    size_ = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
}

void LineInput::pass_on(std::string_view line, const std::function<void(std::string_view)>& take) {
    ++lines_;
    take(line);
}

void LineInput::pass_on_all(std::string_view text, const std::function<void(std::string_view)>& take) {
    if (!take_runs_) {
        while (!text.empty()) {
            const std::string_view line = text.substr(0, text.find('\n'));
            pass_on(line, take);
            text.remove_prefix(line.size() + 1);
        }
        return;
    }
    IndexedLines lines{text};
    while (!lines.empty()) {
        lines_ += take_runs_(lines);
        if (!lines.empty()) {
            pass_on(lines.take_line(), take);
        }
    }
}

std::optional<std::chrono::milliseconds> LineInput::time_left(const std::stop_token& stop) {
    if (!stop.stop_requested()) {
        return std::nullopt;
    }
    const auto now = Clock::now();
    if (!deadline_) {
        deadline_ = now + after_stop_;
    }
    return std::chrono::ceil<std::chrono::milliseconds>(std::max(*deadline_ - now, Clock::duration::zero()));
}

bool LineInput::wait_for_bytes(const std::stop_token& stop) {
    const std::stop_callback wake_up{stop, [this] {
                                         const std::uint64_t one = 1;
                                         [[maybe_unused]] const ssize_t written =
                                             ::write(wake_.get(), &one, sizeof one);
                                     }};
    while (!is_stopped(stop)) {
        const auto left = time_left(stop);
        std::array<pollfd, 2> watched{{{fd_, POLLIN, 0}, {left ? -1 : wake_.get(), POLLIN, 0}}};
        const int ready = poll(watched.data(), watched.size(), left ? static_cast<int>(left->count()) : -1);
        if (ready < 0 && errno != EINTR) {
            throw std::system_error{errno, std::generic_category(), "cannot wait for " + name_};
        }
        if (ready > 0 && watched[0].revents != 0) {
            return !is_stopped(stop);
        }
    }
    return false;
}

bool LineInput::read(const std::function<void(std::string_view)>& take, const std::stop_token& stop) {
    if (!wait_for_bytes(stop)) {
        return false;
    }
    const ssize_t got = ::read(fd_, buffer_.data() + begun_, buffer_.size() - begun_);
    if (got < 0) {
        if (errno == EINTR || errno == EAGAIN) {
            return true;
        }
        throw std::system_error{errno, std::generic_category(), "cannot read " + name_};
    }
    if (got == 0) {
        if (begun_ > 0 && !overlong_) {
            line_has_end_ = false;
            pass_on({buffer_.data(), begun_}, take);
        }
        begun_ = 0;
        return false;
    }
    position_ += static_cast<std::uint64_t>(got);
    if (take_bytes_) {
        take_bytes_({buffer_.data() + begun_, static_cast<std::size_t>(got)});
    }
    const std::size_t end = begun_ + static_cast<std::size_t>(got);
    const std::string_view fresh{buffer_.data() + begun_, static_cast<std::size_t>(got)};
    const std::size_t whole = begun_ + fresh.rfind('\n') + 1; // `begun_` if there is no newline, because npos + 1 is 0
    std::size_t begin = 0;
    if (whole > begun_) {
        begin = std::exchange(overlong_, false) ? begun_ + fresh.find('\n') + 1 : 0;
        pass_on_all({buffer_.data() + begin, whole - begin}, take);
        begin = whole;
    }
    begun_ = end - begin;
    if (begun_ == buffer_.size() || overlong_) {
        if (!std::exchange(overlong_, true)) {
            pass_on({buffer_.data(), begun_}, take);
        }
        begun_ = 0;
    } else if (begin > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin, begun_);
    }
    return true;
}

} // namespace tickertape::cli::lines
