// SPDX-License-Identifier: MIT
#include "cli/output_guard.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <thread>

#include <tickertape/stop.hpp>

#include "base/threads.hpp"

namespace tickertape::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds between_looks{50};
constexpr std::string_view sentence = "tickertape: an output takes nothing; what is left is not written\n";

/// Returns whether a write to `fd` would not block. That includes a broken descriptor, because a write to it fails at once.
bool takes_something(int fd) {
    pollfd watched{.fd = fd, .events = POLLOUT, .revents = 0};
    return poll(&watched, 1, 0) != 0;
}

void end_when_blocked(const OutputGuard::Options& options) {
    auto last_free = Clock::now();
    while (true) {
        std::this_thread::sleep_for(between_looks);
        const auto now = Clock::now();
        if (std::all_of(options.outputs.begin(), options.outputs.end(), &takes_something)) {
            last_free = now;
        } else if (now - last_free >= options.patience) {
            if (takes_something(STDERR_FILENO)) {
                [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, sentence.data(), sentence.size());
            }
            _exit(options.exit_code);
        }
    }
}

} // namespace

OutputGuard::OutputGuard(const Options& options)
    : on_stop_{Stop::process().token(),
               [options] { base::make_quiet_thread("tt-guard", [options] { end_when_blocked(options); }).detach(); }} {}

} // namespace tickertape::cli
