// SPDX-License-Identifier: MIT
// The state of the agent: for the status socket, as points, and for the service manager.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <string_view>

#include "base/concat.hpp"
#include "cli/agent/agent.hpp"
#include "cli/agent/now.hpp"

namespace tickertape::cli::agent {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds slow{10}; // without an answer: the disk hangs

std::string_view name_of(Roster::State state) {
    switch (state) {
    case Roster::State::running: return "running";
    case Roster::State::ending: return "ending";
    case Roster::State::dead: return "dead";
    default: return "waiting";
    }
}

std::chrono::seconds whole_seconds(SteadyTime::duration time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time);
}

} // namespace

Report Agent::report() const {
    Report report{.directory = settings_.directory,
                  .up = whole_seconds(now() - begun_),
                  .usage = usage_of(getpid()).value_or(Usage{}),
                  .counts = forgotten_,
                  .dedup = outlet_.dedup(),
                  .destinations = outlet_.states()};
    if (put_server_.options().is_on()) {
        report.put = put_server_.report();
    }
    for (const auto& [name, state] : states_) {
        report.counts += state.intake.counts();
    }
    for (const auto& [name, member] : roster_.members()) {
        ChildReport child{.name = name,
                          .interval = member.program.interval,
                          .state = std::string{name_of(member.state)},
                          .starts = member.starts,
                          .failures = member.failed_runs,
                          .is_down = member.is_down,
                          .last_end = member.last_end};
        if (const auto found = states_.find(name); found != states_.end()) {
            const ProgramState& state = found->second;
            child.counts = state.intake.counts();
            child.pauses = state.pauses;
            if (state.child) {
                child.id = state.child->id();
                child.usage = usage_of(child.id).value_or(Usage{});
                // During a pause, `heard` is in the future.
                child.silent = std::max(0s, whole_seconds(now() - member.heard));
            }
            child.usage.cpu_seconds += state.cpu_seconds;
        }
        report.children.push_back(std::move(child));
    }
    return report;
}

void Agent::open_status_socket() {
    if (settings_.status_socket.empty()) {
        return;
    }
    try {
        status_socket_ =
            std::make_unique<StatusSocket>(context_, settings_.status_socket, [this] { return table_of(report()); });
    } catch (const std::exception& error) {
        // Message: tickertape agent --status will not work: REASON
        // Cause: The socket for --status cannot be made: no permission, no folder, or another agent has it.
        // Remedy: Correct --status-socket. Collecting goes on.
        log_.say(std::string{"tickertape agent --status will not work: "}.append(error.what()));
    }
}

/// Does nothing in a dry run, which would take points and send them nowhere.
void Agent::listen_to_applications() {
    if (!settings_.outlet.destinations.empty()) {
        IntakeOptions intake = *intake_options_;
        intake.foreign_host = settings_.put_host;
        put_server_.apply(settings_.put, std::move(intake));
    }
}

/// Reports that a disk hangs, and that it answers again.
void Agent::watch_outlet() {
    const std::chrono::seconds busy = whole_seconds(outlet_.busy_for());
    const bool is_slow = busy >= slow;
    if (is_slow && !is_outlet_slow_) {
        // Message: the spool or standard output has not answered for N s: points wait in memory
        // Cause: A call for the disk of the spool, or a write to standard output with --dry-run, has not returned.
        // Remedy: Check the disk, or the reader. Programs run on; with more than --queue points in memory, the oldest are dropped.
        log_.say(base::concat("the spool or standard output has not answered for ", busy.count(),
                              " s: points wait in memory"));
    } else if (!is_slow && is_outlet_slow_) {
        // Message: the spool or standard output answers again
        // Cause: The trouble reported before is over.
        // Remedy: None needed.
        log_.say(base::Level::notice, "the spool or standard output answers again");
    }
    is_outlet_slow_ = is_slow;
}

/// Logs the number of messages about each program that the rate limit left out.
void Agent::log_missed() {
    for (auto& [name, state] : states_) {
        if (const std::uint64_t missed = state.stderr_lines.take_missed(); missed > 0) {
            // Message: NAME: N more lines of its standard error are not in this log
            // Cause: The program writes more than 20 lines to standard error, and more than one every 3 s after that.
            // Remedy: Run the program by hand to see them all.
            log_.say(base::concat(name, ": ", missed, " more lines of its standard error are not in this log"));
        }
        if (const std::uint64_t missed = state.refused_lines.take_missed(); missed > 0) {
            // Message: NAME: N more of its lines were refused
            // Cause: More lines of the program were refused than the log takes. --status counts all by reason.
            // Remedy: Correct the program; tickertape lint explains the rules.
            log_.say(base::concat(name, ": ", missed, " more of its lines were refused"));
        }
        if (const std::uint64_t missed = state.memory_lines.take_missed(); missed > 0) {
            // Message: NAME: it ran without a memory limit N more times
            // Cause: The cgroup of the program could not be made or set, more often than the log takes.
            // Remedy: Look for the message that gives the reason.
            log_.say(base::concat(name, ": it ran without a memory limit ", missed, " more times"));
        }
    }
}

void Agent::set_minute_timer() {
    minute_timer_.expires_after(std::chrono::minutes{1});
    minute_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) {
            log_missed();
            set_minute_timer();
        }
    });
}

void Agent::set_stats_timer() {
    stats_timer_.cancel();
    if (settings_.stats <= settings_.stats.zero()) {
        return;
    }
    stats_timer_.expires_after(settings_.stats);
    stats_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error && !stopped_) {
            send_stats();
            set_stats_timer();
        }
    });
}

void Agent::send_stats() {
    try {
        outlet_.publish(points_of(report(), intake_options_->tags, std::chrono::system_clock::now()));
    } catch (const std::exception& error) { // a tag too many
        // Message: the agent sends no points about itself: REASON
        // Cause: The agent's own metrics cannot be made, for example with too many tags.
        // Remedy: Use fewer tags (--tag). The programs' points are sent.
        log_.say(std::string{"the agent sends no points about itself: "}.append(error.what()));
        settings_.stats = settings_.stats.zero();
    }
}

/// Reports to the service manager's watchdog from the loop, so that a stuck loop does not report.
void Agent::beat() {
    const auto period = notifier_.watchdog();
    if (!period) {
        return;
    }
    notifier_.say("WATCHDOG=1");
    beat_timer_.expires_after(*period);
    beat_timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) {
            beat();
        }
    });
}

} // namespace tickertape::cli::agent
