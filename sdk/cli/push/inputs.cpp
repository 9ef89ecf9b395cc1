// SPDX-License-Identifier: MIT
#include "cli/push/inputs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tickertape::cli::push {

namespace {

bool is_regular(int fd) {
    struct stat status{};
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

base::UniqueFd open_for_reading(const std::string& path) {
    if (path == "-") {
        return base::UniqueFd{fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)};
    }
    // Opening a FIFO would wait for a writer, and see no stop.
    return base::UniqueFd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
}

/// Opens standard input again if it is a file, so that it has a separate position. Returns an invalid descriptor on failure.
base::UniqueFd open_anew(const base::UniqueFd& in) {
    base::UniqueFd anew{::open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC)};
    if (anew.valid() && lseek(anew.get(), lseek(in.get(), 0, SEEK_CUR), SEEK_SET) < 0) {
        return {};
    }
    return anew;
}

} // namespace

Inputs::Opened Inputs::open(const std::string& path, std::size_t destination) {
    if (destinations_ == 1) {
        return {.input = lines::LineInput{path}};
    }
    const std::string name = path == "-" ? "stdin" : path;
    {
        const std::lock_guard lock{mutex_};
        const bool is_first = opened_.emplace(path, destination).second;
        if (!is_first && (path == "-" || shared_.contains(path))) {
            return {.input = lines::LineInput{base::UniqueFd{::open("/dev/null", O_RDONLY | O_CLOEXEC)}, name}};
        }
    }
    base::UniqueFd fd = open_for_reading(path);
    if (!fd.valid()) {
        throw std::system_error{errno, std::generic_category(), "cannot open " + name};
    }
    if (is_regular(fd.get())) {
        base::UniqueFd own = path == "-" ? open_anew(fd) : std::move(fd);
        if (own.valid()) {
            return {.input = lines::LineInput{std::move(own), name}};
        }
    }
    const std::lock_guard lock{mutex_};
    std::shared_ptr<SharedInput>& shared = shared_[path];
    if (!shared) {
        shared = std::make_shared<SharedInput>(std::move(fd), destinations_, stop_);
    }
    return {.input = lines::LineInput{shared->take_end(destination), name}, .shared = shared};
}

} // namespace tickertape::cli::push
