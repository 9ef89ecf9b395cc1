// SPDX-License-Identifier: MIT
/// \file
/// OutputGuard: an end for a command whose output nobody reads.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <vector>

namespace tickertape::cli {

/// While it lives, a request to stop the process (`Stop::process()`) starts to watch the outputs. If one of them takes nothing for
/// `patience` from then on, the process ends with the exit code, as a write in which it may be blocked ends for no stop. What
/// is not written then is lost, which is reported on stderr if that takes it.
///
/// Thread safety: one at a time, on the main thread.
class OutputGuard {
public:
    struct Options {
        std::vector<int> outputs;
        int exit_code = 1;
        std::chrono::milliseconds patience{3'000};
    };
    explicit OutputGuard(const Options& options);

private:
    std::stop_callback<std::function<void()>> on_stop_;
};

} // namespace tickertape::cli
