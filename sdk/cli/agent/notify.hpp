// SPDX-License-Identifier: MIT
/// \file
/// Notifier: reports the state of the agent to a service manager.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tickertape::cli::agent {

/// Uses systemd's protocol (sd_notify) on the socket in NOTIFY_SOCKET; does nothing if that is not set. Never blocks.
///
/// Thread safety: none.
class Notifier {
public:
    Notifier();

    /// Sends a state such as `READY=1`.
    void say(std::string_view state) const noexcept;
    /// The interval at which `WATCHDOG=1` has to be sent; nothing: never.
    [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog() const noexcept { return watchdog_; }

private:
    std::string path_;
    std::optional<std::chrono::milliseconds> watchdog_;
};

} // namespace tickertape::cli::agent
