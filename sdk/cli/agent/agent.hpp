// SPDX-License-Identifier: MIT
/// \file
/// Agent: the loop that runs a directory of collectors.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/agent/budget.hpp"
#include "cli/agent/cgroups.hpp"
#include "cli/agent/child.hpp"
#include "cli/agent/intake.hpp"
#include "cli/agent/log.hpp"
#include "cli/agent/notify.hpp"
#include "cli/agent/outlet.hpp"
#include "cli/agent/put_server.hpp"
#include "cli/agent/report.hpp"
#include "cli/agent/roster.hpp"
#include "cli/agent/settings.hpp"
#include "cli/agent/status_socket.hpp"
#include "cli/agent/worker.hpp"

namespace tickertape::cli::agent {

/// The state of a program that the agent keeps in addition to the roster.
struct ProgramState {
    explicit ProgramState(Intake its) : intake{std::move(its)} {}

    Intake intake;
    std::shared_ptr<Child> child{}; ///< while it runs
    MessageLimit stderr_lines{};
    MessageLimit refused_lines{};
    MessageLimit memory_lines{};
    double cpu_seconds = 0; ///< CPU time of its ended processes
    Budget lines{};
    Budget waste{};               ///< bytes of refused and blank lines
    Budget stderr_text{};         ///< bytes
    std::size_t heard = 0;        ///< lines of this piece that are not blank
    std::size_t useful_bytes = 0; ///< of this piece, in lines that were not refused
    std::uint64_t pauses = 0;     ///< how often reading paused because it wrote too much
};

/// Thread safety: none. Only one at a time in a process, because it waits for all children that end.
class Agent {
public:
    /// `read_again` returns the settings at SIGHUP; it may throw. `log` is borrowed.
    Agent(Settings settings, std::function<Settings()> read_again, Log& log);
    ~Agent();
    Agent(const Agent&) = delete;
    Agent& operator=(const Agent&) = delete;

    /// Runs the programs until SIGTERM or SIGINT. Returns the exit code.
    int run();
    /// After `run`: whether a disk still hangs. Then the process has to end at once: a destructor would wait for it.
    [[nodiscard]] bool is_stuck() const noexcept { return outlet_.is_stuck(); }

private:
    void look();
    void visit_directory();
    void take(const Scan& found);
    void watch_directory();
    void attend();
    void carry_out(const std::vector<Roster::Order>& orders);
    void launch_soon(const std::vector<std::string>& names);
    void launch_some();
    void launch(const std::string& name);
    Child::Handlers handlers_for(const std::string& name, ProgramState& state);
    void take_line(ProgramState& state, std::string_view line);
    SteadyTime::duration publish(ProgramState& state, std::size_t bytes);
    static SteadyTime::duration rest_after_stderr(ProgramState& state, std::size_t bytes);
    void make_cgroups();
    void limit_memory(const std::string& name, pid_t id);
    void change_memory_limits();
    void release_memory(const std::string& name);
    void collect_ended();
    void on_end(pid_t id);
    void forget_states();
    void set_timer();
    void wait_for_signal();
    void on_signal(int signal);
    void read_again();
    void on_outlet_closed();
    void stop();
    void finish();
    void log_account(const Outlet::State& state);
    ProgramState& state_of(const std::string& name);

    [[nodiscard]] Report report() const;
    void open_status_socket();
    void listen_to_applications();
    void watch_outlet();
    void log_missed();
    void set_minute_timer();
    void send_stats();
    void set_stats_timer();
    void beat();

    Settings settings_;
    std::function<Settings()> read_again_;
    Log& log_;
    std::shared_ptr<const IntakeOptions> intake_options_;
    SpawnOptions spawn_options_;
    boost::asio::io_context context_{1};
    boost::asio::signal_set signals_;
    boost::asio::steady_timer timer_;
    boost::asio::steady_timer stats_timer_;
    boost::asio::steady_timer beat_timer_;
    boost::asio::steady_timer minute_timer_;
    Notifier notifier_;
    std::unique_ptr<StatusSocket> status_socket_;
    Roster roster_;
    Outlet outlet_;
    PutServer put_server_;
    Worker worker_{context_}; // for calls that need the directory of the programs
    std::map<std::string, ProgramState> states_;
    IntakeCounts forgotten_;           // counts of programs that are gone
    std::unique_ptr<Cgroups> cgroups_; // if programs have a memory limit
    std::set<std::string> to_launch_;  // programs that are due
    std::set<std::string> readable_;   // those of them whose files have answered
    bool wants_scan_ = false;
    std::map<pid_t, std::string> running_;
    std::vector<Point> points_; // of the piece that is being read
    SteadyTime next_look_{};
    const SteadyTime begun_ = std::chrono::steady_clock::now();
    std::optional<SteadyTime> stopped_;
    SteadyTime finish_begun_{};
    bool has_outlet_closed_ = false;
    bool is_outlet_slow_ = false;    // the log says so
    bool is_directory_slow_ = false; // the log says so
};

} // namespace tickertape::cli::agent
