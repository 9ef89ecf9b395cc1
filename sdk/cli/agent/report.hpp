// SPDX-License-Identifier: MIT
/// \file
/// Report: the state of the agent and its children, as a table and as points.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tickertape/dedup.hpp>
#include <tickertape/point.hpp>
#include <tickertape/tags.hpp>
#include <tickertape/time.hpp>

#include "cli/agent/intake.hpp"
#include "cli/agent/outlet.hpp"
#include "cli/agent/put_server.hpp"

namespace tickertape::cli::agent {

/// The resources that a process uses.
struct Usage {
    double cpu_seconds = 0;
    std::uint64_t resident = 0; ///< bytes
};
/// Returns the usage of a process that runs; nothing if there is none.
[[nodiscard]] std::optional<Usage> usage_of(pid_t id);

struct ChildReport {
    std::string name{};
    std::chrono::seconds interval{0};
    std::string state{}; ///< `running`, `waiting`, `ending`, `dead`
    pid_t id = -1;       ///< -1: no process runs
    std::uint64_t starts = 0;
    std::uint64_t failures = 0; ///< runs that failed, were ended because they hung, or could not begin
    bool is_down = false;       ///< it does not run, because its last run failed
    IntakeCounts counts{};
    std::uint64_t pauses = 0;
    Usage usage{};                                ///< CPU time of all its processes so far; memory of the running one
    std::optional<std::chrono::seconds> silent{}; ///< the time since its last line or start, if it runs
    std::string last_end{};
};

struct Report {
    std::string directory{};
    std::chrono::seconds up{0};
    Usage usage{};
    std::vector<ChildReport> children{};
    IntakeCounts counts{}; ///< of all programs, including removed ones
    Dedup::Stats dedup{};
    std::vector<Outlet::State> destinations{};
    std::optional<PutReport> put{}; ///< if applications can push
};

/// Returns a table for people.
[[nodiscard]] std::string table_of(const Report& report);
/// Returns the points `tickertape.agent.*`, with `tags` and, for a child, the tag `collector`.
[[nodiscard]] std::vector<Point> points_of(const Report& report, const Tags& tags, WallTime now);

} // namespace tickertape::cli::agent
