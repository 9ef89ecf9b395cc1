// SPDX-License-Identifier: MIT
/// \file
/// ScreenSignals: that the terminal has another size, Ctrl-Z, and going on after it.
#pragma once

#include <csignal>

#include "base/unique_fd.hpp"

namespace tickertape::cli::terminal {

/// While it lives these signals wait to be taken, on the thread that made it; those that were ignored stay so.
///
/// Thread safety: construct it on the main thread before there are others, and use it there.
class ScreenSignals {
public:
    struct Came {
        bool resized = false;
        bool stop = false;      ///< the user wants to do something else
        bool continued = false; ///< after a stop that could not be seen
    };

    /// Throws std::system_error if the system has no more descriptors.
    ScreenSignals();
    ~ScreenSignals();
    ScreenSignals(const ScreenSignals&) = delete;
    ScreenSignals& operator=(const ScreenSignals&) = delete;

    /// Readable when some came.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    [[nodiscard]] Came take();
    /// Stops the process, as Ctrl-Z does when it is not taken. Returns when it goes on.
    void stop_process() const;

private:
    sigset_t taken_{};
    sigset_t before_{};
    base::UniqueFd fd_;
};

} // namespace tickertape::cli::terminal
