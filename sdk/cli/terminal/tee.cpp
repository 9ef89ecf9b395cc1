// SPDX-License-Identifier: MIT
#include "cli/terminal/tee.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/unique_fd.hpp"

namespace tickertape::cli::terminal {

Tee::Tee() : writer_{STDOUT_FILENO, base::Syscalls::real()} {}

void Tee::pass(std::string_view bytes) {
    bytes_.erase(0, begin_);
    begin_ = 0;
    bytes_.append(bytes);
    write();
}

void Tee::write(std::chrono::nanoseconds patience) {
    const output::WriteResult result = writer_.write(std::string_view{bytes_}.substr(begin_), patience);
    begin_ += result.written;
    if (result.written > 0) {
        last_written_ = bytes_[begin_ - 1];
    }
    if (result.end == output::WriteEnd::failed) {
        throw std::system_error{result.error, std::generic_category(), "cannot write to standard output"};
    }
    is_closed_ = is_closed_ || result.end == output::WriteEnd::closed;
}

void Tee::drop_begun_line() {
    const std::size_t newline = bytes_.rfind('\n');
    if (newline != std::string::npos && newline >= begin_) {
        bytes_.resize(newline + 1);
    } else if (last_written_ == '\n') {
        bytes_.resize(begin_);
    }
}

void Tee::finish() {
    const base::UniqueFd nowhere{open("/dev/null", O_WRONLY | O_CLOEXEC)};
    if (!nowhere.valid() || dup2(nowhere.get(), STDOUT_FILENO) < 0) {
        throw std::system_error{errno, std::generic_category(), "cannot close stdout"};
    }
}

} // namespace tickertape::cli::terminal
