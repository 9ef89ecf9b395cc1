// SPDX-License-Identifier: MIT
#include "cli/agent/agent.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <exception>
#include <system_error>
#include <utility>

#include "base/concat.hpp"
#include "base/quote.hpp"
#include "cli/agent/now.hpp"

namespace tickertape::cli::agent {

namespace {

using namespace std::chrono_literals;

constexpr auto kill_after_at_end = 4s; // so that the agent ends within 10 s
constexpr auto unkillable_after = 6s;
constexpr auto over_after = 9s;
constexpr auto longest_wait_at_end = 500ms; // for a disk, before applications get their last answers
constexpr auto while_launching = 100ms;     // between two looks at the times of programs

Ended how_it_ended(int status) {
    return WIFEXITED(status) ? Ended{.code = WEXITSTATUS(status)} : Ended{.signal = WTERMSIG(status)};
}

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Returns the kernel's text if a system call failed, otherwise the text of the error.
std::string reason_of(const std::exception& error) {
    const auto* const refusal = dynamic_cast<const std::system_error*>(&error);
    return refusal != nullptr ? refusal->code().message() : error.what();
}

/// Returns `copy TAG: `, or nothing for the first destination.
std::string copy_name_of(const Outlet::State& state) {
    return state.copy.empty() ? std::string{} : base::concat("copy ", state.copy, ": ");
}

} // namespace

Agent::Agent(Settings settings, std::function<Settings()> read_again, Log& log)
    : settings_{std::move(settings)}, read_again_{std::move(read_again)}, log_{log},
      intake_options_{std::make_shared<const IntakeOptions>(settings_.intake)},
      spawn_options_{.directory = settings_.root,
                     .environment = environment_for(settings_.directory, settings_.root),
                     .open_files = raise_open_files()},
      signals_{context_, SIGTERM, SIGINT, SIGHUP}, timer_{context_}, stats_timer_{context_}, beat_timer_{context_},
      minute_timer_{context_},
      roster_{settings_.roster, [this](base::Level level, const std::string& sentence) { log_.say(level, sentence); }},
      outlet_{settings_.outlet, [this] { boost::asio::post(context_, [this] { on_outlet_closed(); }); }},
      put_server_{context_,
                  {.publish = [this](std::span<const Point> points) { return outlet_.publish_all(points); },
                   .taken = [this] { return outlet_.taken(); },
                   .is_kept = [this](std::uint64_t taken) { return outlet_.is_kept(taken); },
                   .wait_until_kept = [this] { outlet_.wait_until_kept(finish_begun_ + longest_wait_at_end); },
                   .lost = [this] { return outlet_.lost(); },
                   .is_crowded = [this] { return outlet_.is_about_to_drop(); },
                   .say = [this](const std::string& sentence) { log_.say(sentence); }}} {
    signals_.add(SIGCHLD);
}

Agent::~Agent() = default;

int Agent::run() {
    wait_for_signal();
    open_status_socket();
    listen_to_applications();
    if (settings_.limits.memory > 0) {
        make_cgroups(); // first, or programs would have to move, too
    }
    look();
    set_stats_timer();
    set_minute_timer();
    beat();
    notifier_.say("READY=1");
    context_.run();
    finish();
    return !has_outlet_closed_ ? 0 : outlet_.is_misused() ? 2 : 1;
}

void Agent::attend() {
    if (stopped_ && (!roster_.has_processes() || now() >= *stopped_ + unkillable_after)) {
        context_.stop();
        return;
    }
    if (!stopped_ && now() >= next_look_) {
        look();
        return;
    }
    carry_out(roster_.due(now()));
    set_timer();
}

void Agent::set_timer() {
    SteadyTime at = stopped_ ? *stopped_ + unkillable_after : next_look_;
    if (const auto next = roster_.next()) {
        // Programs that wait for the directory are due all the time.
        at = std::min(at, to_launch_.empty() ? *next : std::max(*next, now() + while_launching));
    }
    timer_.expires_at(std::chrono::time_point_cast<std::chrono::steady_clock::duration>(at));
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) {
            attend();
        }
    });
}

void Agent::carry_out(const std::vector<Roster::Order>& orders) {
    for (const Roster::Order& order : orders) {
        if (order.action == Roster::Action::start) {
            to_launch_.insert(order.name);
            continue;
        }
        const auto found = states_.find(order.name);
        if (found != states_.end() && found->second.child) {
            signal_group(found->second.child->id(), order.action == Roster::Action::kill ? SIGKILL : SIGTERM);
        }
    }
    visit_directory();
}

ProgramState& Agent::state_of(const std::string& name) {
    const auto found = states_.find(name);
    if (found != states_.end()) {
        return found->second;
    }
    ProgramState& state = states_.try_emplace(name, Intake{intake_options_}).first->second;
    state.intake.on_refusal([this, name, &state](const Intake::Refusal& refusal, std::string_view line) {
        if (state.refused_lines.take(now())) {
            // Message: NAME: REASON in 'LINE'
            // Cause: A line of the program is refused: it is no put line, no TSD stores it, or its timestamp is not after the
            //   last one of its series.
            // Remedy: Correct the program; tickertape lint explains the rules. --status and
            //   tickertape.agent.child.lines.refused count by reason.
            log_.say(base::concat(name, ": ", refusal.text, " in ", base::quote(line)));
        }
    });
    return state;
}

void Agent::launch(const std::string& name) {
    ProgramState& state = state_of(name);
    pid_t id = -1;
    try {
        Process process = start(roster_.members().at(name).program.path, spawn_options_);
        id = process.id;
        state.intake.forget();
        state.child = std::make_shared<Child>(context_, std::move(process), handlers_for(name, state));
        state.child->begin();
        running_[id] = name;
        limit_memory(name, id);
        roster_.started(name, now());
    } catch (const std::exception& error) {
        signal_group(id, SIGKILL); // its output would not be read
        running_.erase(id);
        state.child = nullptr;
        roster_.failed(name, reason_of(error), now());
    }
}

Child::Handlers Agent::handlers_for(const std::string& name, ProgramState& state) {
    return {.out_line = [this, &state](std::string_view line) { take_line(state, line); },
            .err_line =
                [this, name, &state](std::string_view line) {
                    if (state.stderr_lines.take(now())) {
                        // Message: NAME: LINE
                        // Cause: The program wrote LINE to its standard error.
                        // Remedy: Look at the program's own documentation.
                        log_.say(base::concat(name, ": ", line));
                    }
                },
            .after_out =
                [this, name, &state](std::size_t bytes) {
                    const bool is_heard = state.heard > 0;
                    const SteadyTime::duration rest = publish(state, bytes);
                    if (is_heard) {
                        roster_.heard(name, now() + rest); // silence during a pause does not count
                    }
                    return rest;
                },
            .after_err = [&state](std::size_t bytes) { return rest_after_stderr(state, bytes); }};
}

/// Waits for all ended children. Process 1 of a container also gets orphans.
void Agent::collect_ended() {
    siginfo_t info{};
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0) {
        on_end(info.si_pid);
        info = {};
    }
    attend();
}

void Agent::on_end(pid_t id) {
    const auto found = running_.find(id);
    if (found == running_.end()) {
        waitpid(id, nullptr, 0);
        return;
    }
    const std::string name = found->second;
    running_.erase(found);
    const auto member = roster_.members().find(name);
    if (member == roster_.members().end() || member->second.state == Roster::State::ending) {
        signal_group(id, SIGKILL); // the rest of its group; its number cannot be reused before `wait4`
    }
    int status = 0;
    rusage used{};
    wait4(id, &status, 0, &used);
    ProgramState& state = states_.at(name);
    state.child->end([&state](std::string_view line) { state.intake.cut_off(line); });
    state.child = nullptr;
    state.cpu_seconds += seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    release_memory(name);
    roster_.ended(name, how_it_ended(status), now());
}

void Agent::forget_states() {
    std::erase_if(states_, [this](const auto& entry) {
        const bool is_over = !entry.second.child && !roster_.members().contains(entry.first);
        if (is_over) {
            forgotten_ += entry.second.intake.counts();
        }
        return is_over;
    });
}

void Agent::wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
        if (!error) {
            on_signal(signal);
            wait_for_signal();
        }
    });
}

void Agent::on_signal(int signal) {
    switch (signal) {
    case SIGCHLD: collect_ended(); break;
    case SIGHUP: read_again(); break;
    default:
        if (!stopped_) {
            // Message: the agent ends on signal NUMBER
            // Cause: The agent was sent TERM or INT, as by systemctl stop.
            // Remedy: None needed.
            log_.say(base::Level::notice, base::concat("the agent ends on signal ", signal));
            stop();
        }
    }
}

void Agent::read_again() {
    log_.reopen();
    if (stopped_) {
        return; // the agent ends
    }
    notifier_.say("RELOADING=1");
    try {
        Settings anew = read_again_();
        for (const Destination& each : settings_.outlet.destinations) { // the targets stay
            refuse_itself(anew.put, each.targets);
        }
        anew.intake.checks_order = intake_options_->checks_order; // follows Dedup, which stays
        intake_options_ = std::make_shared<const IntakeOptions>(anew.intake);
        for (auto& [name, state] : states_) {
            state.intake.set_options(intake_options_);
        }
        roster_.set_options(anew.roster);
        settings_.roster = anew.roster;
        settings_.limits = anew.limits;
        change_memory_limits();
        settings_.stats = anew.stats;
        settings_.put = anew.put;
        settings_.put_host = anew.put_host;
        listen_to_applications();
        // Message: the settings were read again; targets, queue, spool, dedup and directory stay as they are until a restart
        // Cause: The agent was sent HUP.
        // Remedy: None needed. Restart the agent if you changed one of these.
        log_.say(base::Level::notice, "the settings were read again; targets, queue, spool, dedup and directory stay "
                                      "as they are until a restart");
    } catch (const std::exception& error) {
        // Message: REASON; the settings stay as they are
        // Cause: The agent was sent HUP, and its new settings are wrong.
        // Remedy: Correct the setting, and send HUP again.
        log_.say(base::concat(error.what(), "; the settings stay as they are"));
    }
    look();
    set_stats_timer();
    notifier_.say("READY=1");
}

void Agent::on_outlet_closed() {
    if (stopped_) {
        return;
    }
    has_outlet_closed_ = true;
    const std::string why = outlet_.failure();
    // Message: nobody reads standard output any more` or `no points can be sent: REASON
    // Cause: The program behind the agent's pipe has ended; or queues and threads could not be made, as without memory. The
    //   agent ends, too.
    // Remedy: Start both again; or correct what REASON names.
    log_.say(base::Level::error, why.empty() ? std::string{"nobody reads standard output any more"}
                                             : base::concat("no points can be sent: ", why));
    stop();
}

void Agent::stop() {
    to_launch_.clear();
    readable_.clear();
    notifier_.say("STOPPING=1");
    stopped_ = now();
    RosterOptions options = settings_.roster;
    options.kill_after = kill_after_at_end;
    roster_.set_options(options);
    carry_out(roster_.end_all(now()));
    boost::asio::post(context_, [this] { attend(); });
}

void Agent::finish() {
    finish_begun_ = now();
    status_socket_.reset();
    log_missed();
    const SteadyTime deadline = (stopped_ ? *stopped_ : now()) + over_after;
    put_server_.close(); // its last lines are sent, too
    outlet_.finish(deadline);
    for (const Outlet::State& state : outlet_.states()) {
        log_account(state);
    }
    if (outlet_.is_stuck()) {
        // Message: a disk does not answer: the agent ends without waiting for it; points in memory may be lost
        // Cause: The disk of the spool, or the reader of standard output, has not answered for seconds.
        // Remedy: Check the disk. The next run sends the points in the spool.
        log_.say(base::Level::error,
                 "a disk does not answer: the agent ends without waiting for it; points in memory may be lost");
    }
}

void Agent::log_account(const Outlet::State& state) {
    const Account& account = state.account;
    // Message: all is sent: ACCOUNT` or `not all could be sent: N acknowledged, N unconfirmed, N rejected, N dropped,
    //   N in the spool
    // Cause: The account at the agent's end.
    // Remedy: If points were dropped, look at the messages about the target, or use a spool.
    const bool is_complete = state.is_out && account.all_dropped() == 0;
    log_.say(is_complete ? base::Level::notice : base::Level::warning,
             base::concat(copy_name_of(state),
                          state.is_out ? "all is sent: " : "not all could be sent: ", account.acked, " acknowledged, ",
                          account.unconfirmed, " unconfirmed, ", account.all_rejected(), " rejected, ",
                          account.all_dropped(), " dropped, ", account.spooled, " in the spool"));
}

} // namespace tickertape::cli::agent
