// SPDX-License-Identifier: MIT
/// \file
/// ScreenSignals: a changed size of the terminal, Ctrl-Z, and the continuation after it.
#pragma once

#include <csignal>

#include "base/unique_fd.hpp"

namespace tickertape::cli::terminal {

/// While it lives, these signals wait until this thread reads them. Ignored signals stay ignored.
///
/// Thread safety: construct it on the main thread before other threads exist, and use it there.
class ScreenSignals {
public:
    struct Came {
        bool resized = false;
        bool stop = false;      ///< the user pressed Ctrl-Z
        bool continued = false; ///< the process continued after a stop that it could not notice
    };

    /// Throws std::system_error if the system has no more descriptors.
    ScreenSignals();
    ~ScreenSignals();
    ScreenSignals(const ScreenSignals&) = delete;
    ScreenSignals& operator=(const ScreenSignals&) = delete;

    /// Readable when a signal has come.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    [[nodiscard]] Came take();
    /// Stops the process as Ctrl-Z does by default. Returns when it continues.
    void stop_process() const;

private:
    sigset_t taken_{};
    sigset_t before_{};
    base::UniqueFd fd_;
};

} // namespace tickertape::cli::terminal
