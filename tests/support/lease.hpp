// SPDX-License-Identifier: MIT
/// \file
/// Lease: makes a file hang.
#pragma once

#include <fcntl.h>

#include <csignal>
#include <filesystem>

#include <base/unique_fd.hpp>

#include "support/catch.hpp"

namespace test {

/// Makes each `open` of a file hang for up to 45 s, as on a disk that does not answer: the kernel waits for the holder of a lease.
/// Nobody may have the file open.
class Lease {
public:
    explicit Lease(const std::filesystem::path& file) : file_{open(file.c_str(), O_RDONLY | O_CLOEXEC)} {
        fcntl(file_.get(), F_SETSIG, SIGURG); // has no effect, unlike SIGIO
        REQUIRE(fcntl(file_.get(), F_SETLEASE, F_WRLCK) == 0);
    }

private:
    tickertape::base::UniqueFd file_;
};

} // namespace test
