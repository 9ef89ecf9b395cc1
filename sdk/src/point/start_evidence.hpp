// SPDX-License-Identifier: MIT
/// \file
/// StartEvidence: shows whether tcollector has started a process.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <type_traits>

#include <tickertape/form.hpp>

namespace tickertape::point {

/// The signs that tcollector started a process. A test makes one of its own.
struct StartEvidence {
    bool output_is_pipe = false; ///< the descriptor that lines go to
    bool stdout_and_stderr_are_pipes = false;
    pid_t process = 0;
    pid_t parent = 0;
    pid_t session_leader = 0;    ///< 0: outside of this pid namespace
    std::string started_as = {}; ///< TICKERTAPE_STARTED_AS, or the path given to execve
    std::filesystem::path proc = "/proc";
};
static_assert(std::is_aggregate_v<StartEvidence>);

/// The evidence of this process, for lines that go to `fd`. Does not block.
[[nodiscard]] StartEvidence start_evidence(int fd, std::filesystem::path proc = "/proc");

/// `tcollector` or `put`, never `automatic`. tcollector gives a collector a session of its own and a pipe, so that the
/// parent of the session's leader is asked for its name; wrappers in between do no harm. Where that cannot be read, a
/// leader of its own session with pipes as stdout and stderr in a directory named by digits counts as started by
/// tcollector. Reads `stat` and `cmdline` below `evidence.proc`; an unreadable file is no evidence.
[[nodiscard]] Form detect_form(const StartEvidence& evidence);

} // namespace tickertape::point
