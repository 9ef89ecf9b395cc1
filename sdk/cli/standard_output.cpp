// SPDX-License-Identifier: MIT
#include "cli/standard_output.hpp"

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include "base/concat.hpp"
#include "cli/messages.hpp"

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
    print_message(base::Level::error,
                  base::concat("cannot write to standard output", error == 0 ? "" : ": ",
                               error == 0 ? std::string{} : std::generic_category().message(error)));
    return false;
}

} // namespace tickertape::cli
