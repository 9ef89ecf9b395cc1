// SPDX-License-Identifier: MIT
/// \file
/// Notifier: what a service manager is told.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tickertape::cli::agent {

/// Speaks systemd's protocol (sd_notify) to the socket in NOTIFY_SOCKET, and says nothing if there is none. Never blocks.
///
/// Thread safety: none.
class Notifier {
public:
    Notifier();

    /// `READY=1`
    void say(std::string_view state) const noexcept;
    /// How often `WATCHDOG=1` is to be said; nothing: never.
    [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog() const noexcept { return watchdog_; }

private:
    std::string path_;
    std::optional<std::chrono::milliseconds> watchdog_;
};

} // namespace tickertape::cli::agent
