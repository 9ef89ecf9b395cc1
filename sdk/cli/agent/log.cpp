// SPDX-License-Identifier: MIT
#include "cli/agent/log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <system_error>
#include <utility>

#include "base/concat.hpp"
#include "base/hold_sigpipe.hpp"

namespace tickertape::cli::agent {

namespace {

base::UniqueFd open_log(const std::string& path) {
    constexpr int mode = 0644;
    return base::UniqueFd{open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, mode)};
}

std::string wall_clock() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    localtime_r(&now, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S ", &parts)};
}

} // namespace

Log::Log(const std::string& path) : path_{path} {
    if (path.empty()) {
        return;
    }
    file_ = open_log(path);
    if (!file_.valid()) {
        throw std::system_error{errno, std::generic_category(), base::concat("cannot open the log ", path)};
    }
}

void Log::reopen() {
    const std::lock_guard lock{mutex_};
    if (!path_.empty()) {
        base::UniqueFd file = open_log(path_);
        if (file.valid()) {
            file_ = std::move(file);
        }
    }
}

void Log::say(base::Level level, std::string_view sentence) {
    if (!base::is_written(level)) {
        return;
    }
    const std::lock_guard lock{mutex_};
    if (dropped_ > 0) {
        const std::uint64_t dropped = std::exchange(dropped_, 0);
        // Message: NUMBER messages were dropped, because the log did not take them
        // Cause: The reader of standard error, or the disk of the log, was too slow or full.
        // Remedy: Check the journal, or make room. Points are not affected.
        write_line(base::Level::warning,
                   base::concat(dropped, " messages were dropped, because the log did not take them"));
        dropped_ += dropped_ > 0 ? dropped - 1 : 0;
    }
    write_line(level, printable(sentence));
}

void Log::write_line(base::Level level, const std::string& line) {
    const bool is_file = file_.valid();
    const std::string text = base::concat(
        is_file ? wall_clock() : base::concat(base::journal_prefix(level), "tickertape agent: "), line, "\n");
    pollfd out{.fd = is_file ? file_.get() : STDERR_FILENO, .events = POLLOUT, .revents = 0};
    base::HoldSigpipe hold;
    if (poll(&out, 1, 0) <= 0 || (out.revents & POLLOUT) == 0) {
        ++dropped_;
    } else if (::write(out.fd, text.data(), text.size()) < 0) {
        ++dropped_;
        if (errno == EPIPE) {
            hold.broken();
        }
    }
}

bool MessageLimit::take(SteadyTime now) {
    constexpr double each_second = 1.0 / 3;
    left_ = std::min(most, left_ + std::chrono::duration<double>(now - filled_).count() * each_second);
    filled_ = now;
    if (left_ < 1) {
        ++missed_;
        return false;
    }
    left_ -= 1;
    return true;
}

std::uint64_t MessageLimit::take_missed() noexcept { return std::exchange(missed_, 0); }

std::string printable(std::string_view text) {
    constexpr std::size_t longest = 900; // bytes; a pipe takes such a line as a whole
    std::string out{text.substr(0, longest)};
    std::replace_if(
        out.begin(), out.end(), [](unsigned char byte) { return byte < ' ' || byte == 0x7f; }, '?'); // UTF-8 stays
    return out.append(text.size() > longest ? "…" : "");
}

} // namespace tickertape::cli::agent
