// SPDX-License-Identifier: MIT
/// \file
/// The version of this build.
#pragma once

#include <string>
#include <string_view>

namespace tickertape::collector {

/// Returns `0.1.1 (0123456789ab)`: the version and, if git knew it, the commit.
[[nodiscard]] std::string_view version_text() noexcept;

/// Features that not every program has.
struct Features {
    bool tls = false;   ///< pushes over TLS
    bool spool = false; ///< keeps points in files
};

/// Returns `NAME 0.1.1 (0123456789ab) +TLS -spool`: the version, the commit if git knew it, and the features, as systemd prints them.
[[nodiscard]] std::string version_line(std::string_view name, Features features);

} // namespace tickertape::collector
