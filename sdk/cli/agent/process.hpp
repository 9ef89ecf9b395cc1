// SPDX-License-Identifier: MIT
/// \file
/// Processes of collectors: each in a session of its own, with pipes to the agent.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace tickertape::cli::agent {

/// The working directory, environment and limit with which all programs start.
struct SpawnOptions {
    std::filesystem::path directory{};      ///< their working directory
    std::vector<std::string> environment{}; ///< `NAME=value`
    std::optional<rlimit> open_files{};     ///< their limit, if it differs from the agent's
};

/// Returns the directory in which tcollector's own collectors find `collectors.lib` and `collectors.etc`: the parent of the last
/// `collectors` in the path of `collectors`. Without such a part, this process's working directory.
[[nodiscard]] std::filesystem::path install_root_of(const std::filesystem::path& collectors);

/// Returns the agent's environment with tcollector's changes. PYTHONPATH gets the folders `lib` and `enabled` beside `collectors` if
/// both exist. Without them, PYTHONPATH gets the root of the install if that has a folder `collectors/lib`. The agent's targets and
/// secrets are left out; TICKERTAPE_FORMAT is `tcollector` unless it is `put`.
[[nodiscard]] std::vector<std::string> environment_for(const std::filesystem::path& collectors,
                                                       const std::filesystem::path& root);

/// A process that runs, and the read ends of its pipes, which do not block.
struct Process {
    pid_t id = -1;
    base::UniqueFd out{};
    base::UniqueFd err{};
};

/// Starts a file without arguments, as leader of a session and a process group. Its standard input is /dev/null, no other
/// descriptor is open, and all signals have their defaults. Returns when it has begun. Throws std::system_error.
[[nodiscard]] Process start(const std::string& path, const SpawnOptions& spawn_options);

/// Raises this process's limit of open files, because each child takes two. Returns the old limit, which the children get:
/// with a high limit, programs that close all possible descriptors would take long.
[[nodiscard]] std::optional<rlimit> raise_open_files() noexcept;

/// Sends a signal to the process and to all processes in its group.
void signal_group(pid_t id, int signal) noexcept;

} // namespace tickertape::cli::agent
