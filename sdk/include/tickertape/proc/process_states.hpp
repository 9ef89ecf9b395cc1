// SPDX-License-Identifier: MIT
/// \file
/// The number of processes in each state.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include <tickertape/proc/root.hpp>

namespace tickertape::proc {

/// The states, in the order of ProcessCount. `unknown` is for processes that cannot be read, and for other letters.
inline constexpr std::array<std::string_view, 9> process_states{
    "running", "sleeping", "disk_sleep", "stopped", "tracing_stop", "zombie", "dead", "idle", "unknown"};

using ProcessCount = std::array<int, process_states.size()>;

/// The number of processes in each state now. A process that cannot be read counts as unknown
/// and is added to `root.skipped()`. `pids` is memory to use again. Throws std::system_error.
[[nodiscard]] ProcessCount count_processes(const Root& root, std::vector<int>& pids);

/// Returns whether `root` is mounted with hidepid, so that this process does not see the processes of other users.
[[nodiscard]] bool hides_processes(const Root& root);

} // namespace tickertape::proc
