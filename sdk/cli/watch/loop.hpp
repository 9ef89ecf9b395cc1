// SPDX-License-Identifier: MIT
/// \file
/// The loop of `tickertape watch`: input, keys, signals, stdout and time.
#pragma once

#include <string>

#include "cli/watch/model.hpp"
#include "cli/watch/view.hpp"

namespace tickertape::cli::watch {

struct LoopOptions {
    std::string file = "-"; ///< `-` is standard input
    bool tee = false;
    bool exit_at_end = false;
    bool ascii = false;
    WatchOptions model{};
    WatchView view{};
};

/// Runs until it is asked to end. Restores the terminal before it returns or throws. Returns the exit code. Throws UsageError if
/// there is no terminal, and std::system_error if reading or writing fails.
[[nodiscard]] int watch(const LoopOptions& options);

} // namespace tickertape::cli::watch
