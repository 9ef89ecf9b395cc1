// SPDX-License-Identifier: MIT
/// \file
/// running_tcollector: whether tcollector runs on this host, too.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace tickertape::cli::agent {

/// The number of a tcollector, by its command line; nothing if there is none, or `proc` cannot be read. Both at once send each point
/// twice.
[[nodiscard]] std::optional<pid_t> running_tcollector(const std::filesystem::path& proc = "/proc");

} // namespace tickertape::cli::agent
