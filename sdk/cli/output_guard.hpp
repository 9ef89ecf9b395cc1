// SPDX-License-Identifier: MIT
/// \file
/// OutputGuard: ends a command whose output nobody reads.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <vector>

namespace tickertape::cli {

/// While it lives, a request to stop the process (`Stop::process()`) makes it watch the outputs. If one of them accepts nothing
/// for `patience` from then on, the process ends with the exit code, because a blocked write does not end at a stop. Unwritten
/// output is then lost, and a message on stderr reports that, if stderr accepts it.
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
