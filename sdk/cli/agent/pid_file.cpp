// SPDX-License-Identifier: MIT
#include "cli/agent/pid_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include <tickertape/name.hpp>

#include "base/concat.hpp"
#include "base/quote.hpp"

namespace tickertape::cli::agent {

PidFile::PidFile(std::string path) : path_{std::move(path)} {
    if (path_.empty()) {
        return;
    }
    constexpr int mode = 0644;
    file_ = base::UniqueFd{open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, mode)};
    if (!file_.valid()) {
        throw UsageError{base::concat("cannot write ", base::quote(path_))};
    }
    if (flock(file_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        throw std::runtime_error{base::concat("another agent runs, and has the pid file ", base::quote(path_))};
    }
}

void PidFile::write() const {
    if (path_.empty()) {
        return;
    }
    const std::string text = base::concat(getpid(), "\n");
    if (ftruncate(file_.get(), 0) != 0 ||
        pwrite(file_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
        throw UsageError{base::concat("cannot write ", base::quote(path_))};
    }
}

} // namespace tickertape::cli::agent
