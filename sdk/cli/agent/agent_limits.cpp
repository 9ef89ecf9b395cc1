// SPDX-License-Identifier: MIT
// The limits of programs: lines a second, worthless bytes, memory.
#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include "base/concat.hpp"
#include "cli/agent/agent.hpp"
#include "cli/agent/now.hpp"

namespace tickertape::cli::agent {

namespace {

constexpr double heavy =
    2'000; // lines a second; reading pauses for a child that writes more while the queue is crowded
/// Bytes a second of standard error, and of blank and refused lines, that are read from a child. More is not worth the CPU time.
constexpr double worthless = 256.0 * 1024;

} // namespace

void Agent::take_line(ProgramState& state, std::string_view line) {
    const std::uint64_t refused = state.intake.counts().all_refused();
    if (state.intake.take(line, std::chrono::system_clock::now(), points_)) {
        ++state.heard;
        if (state.intake.counts().all_refused() == refused) {
            state.useful_bytes += line.size() + 1;
        }
    }
}

/// Queues the points of a piece. Returns how long reading has to pause.
SteadyTime::duration Agent::publish(ProgramState& state, std::size_t bytes) {
    const auto lines = static_cast<double>(std::exchange(state.heard, 0));
    outlet_.publish(points_);
    points_.clear();
    const SteadyTime time = now();
    const std::size_t useful = std::min(bytes, std::exchange(state.useful_bytes, 0));
    state.waste.spend(static_cast<double>(bytes - useful), worthless, time);
    const double limit = settings_.limits.lines_per_second;
    state.lines.spend(lines, limit > 0 ? limit : heavy, time);
    SteadyTime::duration rest = state.waste.rest();
    if (limit > 0 || outlet_.is_crowded()) {
        rest = std::max(rest, state.lines.rest());
    } else {
        state.lines.forgive();
    }
    state.pauses += rest > rest.zero() ? 1 : 0;
    return rest;
}

SteadyTime::duration Agent::rest_after_stderr(ProgramState& state, std::size_t bytes) {
    state.stderr_text.spend(static_cast<double>(bytes), worthless, now());
    const SteadyTime::duration rest = state.stderr_text.rest();
    state.pauses += rest > rest.zero() ? 1 : 0;
    return rest;
}

/// Makes the cgroups. Programs that run already are moved, too.
void Agent::make_cgroups() {
    std::set<pid_t> sessions;
    for (const auto& [id, name] : running_) {
        sessions.insert(id);
    }
    try {
        cgroups_ = std::make_unique<Cgroups>(Cgroups::here(), sessions);
    } catch (const std::system_error& error) {
        // Message: --max-memory has no effect, as programs get no cgroup of their own: REASON
        // Cause: The service manager does not delegate the agent's cgroup, other processes are in it, or cgroup v2 has no
        //   memory controller here.
        // Remedy: Run the agent as a systemd unit with Delegate=yes, on a host with cgroup v2. Programs run without the limit.
        log_.say(base::concat("--max-memory has no effect, as programs get no cgroup of their own: ", error.what()));
    }
}

void Agent::limit_memory(const std::string& name, pid_t id) {
    if (settings_.limits.memory == 0 || !cgroups_) {
        return;
    }
    try {
        cgroups_->add(name, id, settings_.limits.memory);
    } catch (const std::system_error& error) {
        const bool has_ended = error.code() == std::errc::no_such_process;
        if (!has_ended && state_of(name).memory_lines.take(now())) {
            // Message: NAME: it runs without a memory limit: REASON
            // Cause: The cgroup of the program could not be made or set.
            // Remedy: Correct what REASON names, such as a limit on the number of cgroups.
            log_.say(base::concat(name, ": it runs without a memory limit: ", error.what()));
        }
    }
}

/// Applies the limit of new settings to all programs.
void Agent::change_memory_limits() {
    if (settings_.limits.memory > 0 && !cgroups_) {
        make_cgroups();
    }
    if (!cgroups_) {
        return;
    }
    for (const auto& [id, name] : running_) {
        try {
            if (!cgroups_->set_limit(name, settings_.limits.memory)) {
                limit_memory(name, id);
            }
        } catch (const std::system_error& error) {
            // Message: NAME: its memory limit stays as it is: REASON
            // Cause: The agent was sent HUP with another --max-memory, and the cgroup of the program could not be changed.
            // Remedy: Correct what REASON names.
            log_.say(base::concat(name, ": its memory limit stays as it is: ", error.what()));
        }
    }
}

void Agent::release_memory(const std::string& name) {
    if (cgroups_ && cgroups_->remove(name)) {
        // Message: NAME: the kernel ended it, as it needed more memory than --max-memory
        // Cause: The program and the processes that it started needed more memory than the limit.
        // Remedy: Look at the program, or raise --max-memory.
        log_.say(base::concat(name, ": the kernel ended it, as it needed more memory than --max-memory"));
    }
}

} // namespace tickertape::cli::agent
