// SPDX-License-Identifier: MIT
/// \file
/// StartEvidence: detects whether tcollector started a process.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <type_traits>

#include <tickertape/form.hpp>

namespace tickertape::point {

/// The signs that tcollector started a process. Tests fill in their own.
struct StartEvidence {
    bool output_is_pipe = false; ///< the descriptor for lines is a pipe
    bool stdout_and_stderr_are_pipes = false;
    pid_t process = 0;
    pid_t parent = 0;
    pid_t session_leader = 0;    ///< 0: the leader is outside of this pid namespace
    std::string started_as = {}; ///< TICKERTAPE_STARTED_AS, or the path given to execve
    std::filesystem::path proc = "/proc";
};
static_assert(std::is_aggregate_v<StartEvidence>);

/// Returns the signs for this process, if lines go to `fd`. Does not block.
[[nodiscard]] StartEvidence start_evidence(int fd, std::filesystem::path proc = "/proc");

/// Returns `tcollector` or `put`, never `automatic`. tcollector gives a collector its own session and a pipe, so the parent of
/// the session's leader tells whether it is tcollector, even with wrappers in between. If that parent cannot be read, the process
/// counts as started by tcollector under these conditions: it leads its session, stdout and stderr are pipes, and its directory
/// has a number as its name. Reads `stat` and `cmdline` below `evidence.proc`; an unreadable file is no evidence.
[[nodiscard]] Form detect_form(const StartEvidence& evidence);

} // namespace tickertape::point
