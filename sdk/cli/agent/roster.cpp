// SPDX-License-Identifier: MIT
#include "cli/agent/roster.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/concat.hpp"
#include "base/quote.hpp"

namespace tickertape::cli::agent {

namespace {

constexpr int asked_for_it = 13; // exit code of a program that asks not to be started again
constexpr std::chrono::seconds short_life{60};
constexpr std::chrono::seconds long_life{600};    // a failure after this time counts as the first one
constexpr std::chrono::seconds longest_rest{600}; // of a program that ends soon, with exit code 0 and no line
constexpr std::chrono::seconds stubborn{300};     // between two KILLs for a process that does not end

std::chrono::seconds whole_seconds(SteadyTime::duration time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time);
}

} // namespace

std::string to_string(const Ended& ended) {
    return ended.code >= 0 ? base::concat("exit code ", ended.code) : base::concat("signal ", ended.signal);
}

std::vector<Roster::Order> Roster::look(const Scan& found, SteadyTime now) {
    std::vector<Order> orders;
    looked_ = now;
    if (found.is_complete && !is_over_) {
        std::set<std::string_view> seen;
        for (const Program& program : found.programs) {
            const auto known = members_.find(program.name);
            if (known == members_.end()) {
                add(program);
            } else if (known->second.program.interval == program.interval) {
                change(known->second, program, orders, now);
            } else if (!known->second.is_leaving && doubles_.insert(program.path).second) {
                // Message: there are two programs with the name 'NAME': the one in N is left out, as the one in N came first
                // Cause: Two numbered folders have a file of the same name.
                // Remedy: Rename one of the two files.
                say_(base::Level::warning,
                     base::concat("there are two programs with the name ", base::quote(program.name), ": the one in ",
                                  program.interval.count(), " is left out, as the one in ",
                                  known->second.program.interval.count(), " came first"));
            }
        }
        forget_missing(found, orders, now);
    }
    std::vector<Order> more = due(now);
    orders.insert(orders.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    return orders;
}

void Roster::add(const Program& program) {
    Member& member = members_[program.name];
    member.program = program;
    member.due = looked_;
}

/// Restarts a program whose file is newer. As in tcollector, only a later whole second counts: an older file from a package has no
/// effect.
void Roster::change(Member& member, const Program& program, std::vector<Order>& orders, SteadyTime now) {
    if (member.is_leaving || program.changed <= member.program.changed) {
        return;
    }
    member.program = program;
    if (member.state == State::dead || (member.state == State::waiting && std::exchange(member.failures, 0) > 0)) {
        member.state = State::waiting;
        member.due = now;
    } else if (member.state == State::running && program.interval == program.interval.zero()) {
        // Message: NAME: the file has changed, so it is restarted
        // Cause: The file of a long-lived program is newer than before.
        // Remedy: None needed.
        say_(base::Level::notice, base::concat(program.name, ": the file has changed, so it is restarted"));
        terminate(member, orders, now);
    }
}

void Roster::forget_missing(const Scan& found, std::vector<Order>& orders, SteadyTime now) {
    std::set<std::pair<std::chrono::seconds, std::string_view>> there;
    for (const Program& program : found.programs) {
        there.emplace(program.interval, program.name);
    }
    for (auto at = members_.begin(); at != members_.end();) {
        Member& member = at->second;
        const auto interval = member.program.interval;
        const bool is_known =
            std::find(found.unreadable.begin(), found.unreadable.end(), interval) == found.unreadable.end();
        const bool is_gone = is_known && !there.contains({interval, member.program.name});
        if (is_gone && !member.is_leaving) {
            // Message: NAME: the file is gone, so it is not started again
            // Cause: The file was removed from the directory, or is no longer executable.
            // Remedy: None needed, or bring the file back.
            say_(base::Level::notice,
                 base::concat(member.program.name, ": the file is gone, so it is not started again"));
        }
        member.is_leaving = member.is_leaving || is_gone;
        if (is_gone && member.state == State::running) {
            terminate(member, orders, now);
        }
        at = is_gone && member.state != State::ending ? members_.erase(at) : std::next(at);
    }
}

std::vector<Roster::Order> Roster::due(SteadyTime now) {
    std::vector<Order> orders;
    for (auto& [name, member] : members_) {
        attend(member, orders, now);
    }
    return orders;
}

void Roster::attend(Member& member, std::vector<Order>& orders, SteadyTime now) {
    switch (member.state) {
    case State::running: attend_running(member, orders, now); break;
    case State::ending:
        if (now >= member.due) {
            // Message: NAME: it has not ended within N s, and is killed with its process group` or `NAME: not even
            //   KILL ends it; it waits in the kernel
            // Cause: The program did not end on TERM; or it waits for a device or a file server and cannot be killed.
            // Remedy: Correct the program, or restore the device or file server.
            say_(base::Level::warning,
                 member.kills == 0
                     ? base::concat(member.program.name, ": it has not ended within ", options_.kill_after.count(),
                                    " s, and is killed with its process group")
                     : base::concat(member.program.name, ": not even KILL ends it; it waits in the kernel"));
            member.due = now + (member.kills++ == 0 ? options_.kill_after : stubborn);
            orders.push_back({Action::kill, member.program.name});
        }
        break;
    default:
        if (now >= member.due && !is_over_) {
            orders.push_back({Action::start, member.program.name});
        }
    }
}

void Roster::attend_running(Member& member, std::vector<Order>& orders, SteadyTime now) {
    if (member.program.interval > member.program.interval.zero()) {
        if (now >= *member.started + period_of(member)) {
            // Message: NAME: it still runs at the end of its N s, and is ended
            // Cause: A program with an interval takes longer than the interval.
            // Remedy: Move it to the folder of a longer interval, or make it faster.
            say_(base::Level::warning, base::concat(member.program.name, ": it still runs at the end of its ",
                                                    member.program.interval.count(), " s, and is ended"));
            ++member.failed_runs;
            terminate(member, orders, now);
        }
    } else if (options_.inactivity > options_.inactivity.zero() && now - member.heard > options_.inactivity) {
        // Message: NAME: it has not written a line for N s, and is ended
        // Cause: A long-lived program hangs or has nothing to report. It is started again, unless
        //   --remove-inactive-collectors is set.
        // Remedy: Look at the program, or raise --allowed-inactivity-time.
        say_(base::Level::warning, base::concat(member.program.name, ": it has not written a line for ",
                                                whole_seconds(now - member.heard).count(), " s, and is ended"));
        member.is_unwanted = options_.remove_inactive;
        ++member.failed_runs;
        terminate(member, orders, now);
    }
}

void Roster::terminate(Member& member, std::vector<Order>& orders, SteadyTime now) const {
    member.state = State::ending;
    member.kills = 0;
    member.due = now + options_.kill_after;
    orders.push_back({Action::terminate, member.program.name});
}

std::optional<SteadyTime> Roster::next() const {
    std::optional<SteadyTime> first;
    for (const auto& [name, member] : members_) {
        if (is_over_ && member.state != State::ending) {
            continue;
        }
        const SteadyTime at = member.state == State::running ? timeout_of(member) : member.due;
        first = first ? std::min(*first, at) : at;
    }
    return first;
}

SteadyTime Roster::timeout_of(const Member& member) const {
    if (member.program.interval > member.program.interval.zero()) {
        return *member.started + period_of(member);
    }
    return options_.inactivity > options_.inactivity.zero()
               ? member.heard + options_.inactivity + std::chrono::milliseconds{1}
               : SteadyTime::max();
}

void Roster::started(const std::string& name, SteadyTime now) {
    Member& member = members_.at(name);
    member.state = State::running;
    member.started = now;
    member.heard = now;
    member.spoke = false;
    member.is_down = false;
    ++member.starts;
}

void Roster::failed(const std::string& name, const std::string& why, SteadyTime now) {
    Member& member = members_.at(name);
    const std::chrono::seconds wait = backoff(member.failures++, options_.dead_for);
    // Message: NAME: it cannot be started: REASON; it is tried again in N s
    // Cause: The system refuses to start the file: no permission, no interpreter, a limit of processes.
    // Remedy: Correct what REASON names.
    say_(base::Level::warning,
         base::concat(name, ": it cannot be started: ", why, "; it is tried again in ", wait.count(), " s"));
    member.state = State::waiting;
    member.due = now + wait;
    member.is_down = true;
    ++member.failed_runs;
    member.last_end = why;
}

void Roster::heard(const std::string& name, SteadyTime now) {
    const auto found = members_.find(name);
    if (found != members_.end()) {
        found->second.heard = now;
        found->second.spoke = true;
    }
}

void Roster::ended(const std::string& name, const Ended& how, SteadyTime now) {
    const auto found = members_.find(name);
    if (found == members_.end()) {
        return;
    }
    Member& member = found->second;
    member.last_end = to_string(how);
    if (member.is_leaving) {
        members_.erase(found);
        return;
    }
    if (member.state == State::ending) {
        member.is_down = std::exchange(member.is_unwanted, false);
        member.state = member.is_down ? State::dead : State::waiting;
        member.due = member.is_down ? SteadyTime::max() : now;
        return;
    }
    member.state = State::waiting;
    if (how.code != 0) {
        if (how.code == asked_for_it) {
            // Message: NAME: it asked not to be started again (exit code 13)
            // Cause: The program has nothing to report on this host. It is started again an hour after its last start.
            // Remedy: None needed. A newer file is started at once.
            say_(base::Level::notice, base::concat(name, ": it asked not to be started again (exit code 13)"));
        }
        mark_dead(member, how, now);
        return;
    }
    if (member.program.interval > member.program.interval.zero()) {
        member.failures = 0;
        member.due = *member.started + period_of(member);
    } else if (member.spoke || now - *member.started >= short_life) {
        member.failures = 0;
        member.due = next_look(now);
    } else {
        member.due = now + backoff(member.failures++, longest_rest);
    }
}

void Roster::mark_dead(Member& member, const Ended& how, SteadyTime now) {
    const bool has_failed = how.code != asked_for_it;
    const auto lived = now - *member.started;
    if (has_failed && options_.retry_after > options_.retry_after.zero()) {
        member.failures = lived >= long_life ? 0 : member.failures;
        member.due = now + std::min(options_.dead_for, options_.retry_after * (1U << std::min(member.failures, 20U)));
    } else {
        member.due = std::max(*member.started + options_.dead_for, next_look(now));
    }
    ++member.failures;
    member.state = State::dead;
    member.is_down = has_failed;
    if (has_failed) {
        ++member.failed_runs;
        // Message: NAME: it ended after N s with HOW; it is started again in N s
        // Cause: The program failed, or was killed by a signal.
        // Remedy: Look at its lines in the log before this one. --retry-after shortens the wait; a newer file is
        //   started at once.
        say_(base::Level::warning,
             base::concat(member.program.name, ": it ended after ", whole_seconds(lived).count(), " s with ",
                          member.last_end, "; it is started again in ",
                          std::chrono::ceil<std::chrono::seconds>(member.due - now).count(), " s"));
    }
}

std::vector<Roster::Order> Roster::end_all(SteadyTime now) {
    std::vector<Order> orders;
    is_over_ = true;
    for (auto& [name, member] : members_) {
        if (member.state == State::running) {
            terminate(member, orders, now);
        } else if (member.state == State::ending && member.kills == 0) {
            member.due = std::min(member.due, now + options_.kill_after);
        }
    }
    return orders;
}

bool Roster::has_processes() const {
    return std::any_of(members_.begin(), members_.end(), [](const auto& entry) {
        return entry.second.state == State::running || entry.second.state == State::ending;
    });
}

std::chrono::seconds Roster::period_of(const Member& member) const {
    return std::max(member.program.interval, options_.look_each);
}

SteadyTime Roster::next_look(SteadyTime now) const { return std::max(now, looked_ + options_.look_each); }

/// Returns the wait after this number of failures: 15 s, 30 s, 60 s, …
std::chrono::seconds Roster::backoff(unsigned failures, std::chrono::seconds most) const {
    return std::min(most, options_.look_each * (1U << std::min(failures, 10U)));
}

} // namespace tickertape::cli::agent
