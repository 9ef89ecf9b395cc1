// SPDX-License-Identifier: MIT
#include "cli/standard_output.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace tickertape::cli {

bool flush_stdout() {
    const int error = std::fflush(stdout) == 0 ? 0 : errno;
    if (error == 0 && std::ferror(stdout) == 0) {
        return true;
    }
    // If an earlier write failed, its reason is not known any more.
    // Message: cannot write to standard output: REASON
    // Cause: The disk behind standard output is full, or its reader has gone.
    // Remedy: Make room, or check the program that reads.
    std::fprintf(stderr, "tickertape: cannot write to standard output%s%s\n", error == 0 ? "" : ": ",
                 error == 0 ? "" : std::generic_category().message(error).c_str());
    return false;
}

} // namespace tickertape::cli
