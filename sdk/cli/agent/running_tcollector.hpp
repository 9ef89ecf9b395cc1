// SPDX-License-Identifier: MIT
/// \file
/// running_tcollector: finds a tcollector that runs on this host.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace tickertape::cli::agent {

/// Returns the process id of a tcollector, found by its command line; nothing if there is none, or if `proc` cannot be read. If an
/// agent runs beside it, each point is sent twice.
[[nodiscard]] std::optional<pid_t> running_tcollector(const std::filesystem::path& proc = "/proc");

} // namespace tickertape::cli::agent
