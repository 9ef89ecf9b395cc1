// SPDX-License-Identifier: MIT
/// \file
/// running_tcollector: finds a tcollector that runs on this host, too.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace tickertape::cli::agent {

/// Returns the process id of a tcollector, found by its command line; nothing if there is none, or if `proc` cannot be read. An
/// agent and a tcollector at the same time send each point twice.
[[nodiscard]] std::optional<pid_t> running_tcollector(const std::filesystem::path& proc = "/proc");

} // namespace tickertape::cli::agent
