// SPDX-License-Identifier: MIT
/// \file
/// UniqueFd: a descriptor with one owner.
#pragma once

#include <unistd.h>

#include <utility>

#include "base/forks.hpp"

namespace tickertape::base {

/// Closes its descriptor at the end; not in the child of a fork, where the number may be another file by then.
class UniqueFd {
public:
    UniqueFd() noexcept = default;
    explicit UniqueFd(int fd) noexcept : fd_{fd} {}
    UniqueFd(UniqueFd&& other) noexcept : fd_{std::exchange(other.fd_, -1)}, forks_{other.forks_} {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        std::swap(fd_, other.fd_);
        std::swap(forks_, other.forks_);
        return *this;
    }
    ~UniqueFd() {
        if (fd_ >= 0 && !forks_.is_child()) {
            close(fd_);
        }
    }

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }

private:
    int fd_ = -1;
    Forks forks_;
};

} // namespace tickertape::base
