// SPDX-License-Identifier: MIT
/// \file
/// Processes of collectors: each in a session of its own, with pipes to us.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace tickertape::cli::agent {

/// What all programs are started with.
struct Surroundings {
    std::filesystem::path directory{};      ///< in which they start
    std::vector<std::string> environment{}; ///< `NAME=value`
    std::optional<rlimit> open_files{};     ///< the limit that they get, if it is not ours
};

/// The directory in which tcollector's own collectors find `collectors.lib` and `collectors.etc`: what is above the last part
/// `collectors` of the path of `collectors`. Where there is none, this process's own.
[[nodiscard]] std::filesystem::path install_root_of(const std::filesystem::path& collectors);

/// Our environment as tcollector changes it: PYTHONPATH gets the folders `lib` and `enabled` beside `collectors` if both are
/// there. With the root of an install that has neither beside it, but `collectors/lib`, PYTHONPATH gets the root. Our targets and
/// secrets are left out; TICKERTAPE_FORMAT is `tcollector` unless it is set.
[[nodiscard]] std::vector<std::string> environment_for(const std::filesystem::path& collectors,
                                                       const std::filesystem::path& root);

/// A process that runs, and our ends of its pipes, which do not block.
struct Process {
    pid_t id = -1;
    base::UniqueFd out{};
    base::UniqueFd err{};
};

/// Starts a file without arguments, as leader of a session and a process group, its standard input /dev/null, no other
/// descriptor open, all signals as by default. Returns when it has begun. Throws std::system_error.
[[nodiscard]] Process start(const std::string& path, const Surroundings& surroundings);

/// Raises this process's limit of open files, as each child takes two. Returns the limit of before, for the children: programs that
/// close all descriptors up to it would take long.
[[nodiscard]] std::optional<rlimit> raise_open_files() noexcept;

/// Sends a signal to the process and what it has started in its group.
void signal_group(pid_t id, int signal) noexcept;

} // namespace tickertape::cli::agent
