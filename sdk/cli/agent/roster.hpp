// SPDX-License-Identifier: MIT
/// \file
/// Roster: decides which programs run, and when they are started and ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tickertape/time.hpp>

#include "base/log.hpp"
#include "cli/agent/scan.hpp"

namespace tickertape::cli::agent {

/// The end of a process.
struct Ended {
    int code = -1;  ///< its exit code, -1 if a signal ended it
    int signal = 0; ///< the signal that ended it, or 0
};
/// Returns a text such as `exit code 3` or `signal 9`.
[[nodiscard]] std::string to_string(const Ended& ended);

/// The times of the roster. The defaults are tcollector's.
struct RosterOptions {
    std::chrono::seconds look_each{15}; ///< time between scans of the directory; no interval is shorter
    std::chrono::seconds inactivity{
        600};                     ///< a long-lived program without a line for this time is started again; 0: never
    bool remove_inactive = false; ///< such a program is not started again
    /// Rest of a program that failed or exited with 13, counted from its last start.
    std::chrono::seconds dead_for{3'600};
    std::chrono::seconds retry_after{0}; ///< first wait after a failure, then longer each time; 0: `dead_for`
    std::chrono::seconds kill_after{5};  ///< time between TERM and KILL
};

/// Only decides. Its caller starts processes, reads the clock, and reports events to it. It knows no process ids.
///
/// Thread safety: none.
class Roster {
public:
    enum class State : std::uint8_t {
        waiting, ///< waits for its next start
        running,
        ending, ///< TERM was sent
        dead,   ///< waits for longer: it failed, or exited with 13
    };
    enum class Action : std::uint8_t { start, terminate, kill };
    struct Order {
        Action action = Action::start;
        std::string name{};
        friend bool operator==(const Order&, const Order&) = default;
    };
    struct Member {
        Program program{};
        State state = State::waiting;
        SteadyTime due{};                    ///< time of its next start, or of the KILL
        std::optional<SteadyTime> started{}; ///< its last start
        SteadyTime heard{};                  ///< its last line, or its start
        bool spoke = false;                  ///< it wrote a line since its start
        bool is_leaving = false;             ///< forget it when it has ended
        bool is_unwanted = false;            ///< make it `dead` when it has ended
        unsigned failures = 0;               ///< in a row
        unsigned kills = 0;                  ///< KILLs since its TERM
        std::uint64_t starts = 0;
        std::uint64_t failed_runs = 0; ///< runs that failed, were ended because they hung, or could not begin
        bool is_down = false;          ///< its last run failed, and no other one has begun
        std::string last_end{};        ///< the text of its last end
    };
    using Say = std::function<void(base::Level, const std::string&)>;

    /// `say` gets sentences for the log.
    Roster(const RosterOptions& options, Say say) : options_{options}, say_{std::move(say)} {}

    void set_options(const RosterOptions& options) { options_ = options; }

    /// Takes a scan of the directory. Returns the orders that follow from it, and those that are due.
    [[nodiscard]] std::vector<Order> look(const Scan& found, SteadyTime now);
    /// Returns the orders that are due now.
    [[nodiscard]] std::vector<Order> due(SteadyTime now);
    /// Returns the earliest time at which `due` has an order, if nothing happens before.
    [[nodiscard]] std::optional<SteadyTime> next() const;

    void started(const std::string& name, SteadyTime now);
    /// Reports that a program could not be started.
    void failed(const std::string& name, const std::string& why, SteadyTime now);
    /// Reports that a program wrote a line that is not blank.
    void heard(const std::string& name, SteadyTime now);
    /// Reports that the process of a program has ended.
    void ended(const std::string& name, const Ended& how, SteadyTime now);

    /// Ends all programs, and starts none from now on.
    [[nodiscard]] std::vector<Order> end_all(SteadyTime now);
    /// Returns whether a process still runs.
    [[nodiscard]] bool has_processes() const;

    [[nodiscard]] const std::map<std::string, Member>& members() const noexcept { return members_; }

private:
    void add(const Program& program);
    void change(Member& member, const Program& program, std::vector<Order>& orders, SteadyTime now);
    void forget_missing(const Scan& found, std::vector<Order>& orders, SteadyTime now);
    void attend(Member& member, std::vector<Order>& orders, SteadyTime now);
    void attend_running(Member& member, std::vector<Order>& orders, SteadyTime now);
    void terminate(Member& member, std::vector<Order>& orders, SteadyTime now) const;
    void mark_dead(Member& member, const Ended& how, SteadyTime now);
    /// Returns the time at which it is ended, if it runs on and writes no line.
    [[nodiscard]] SteadyTime timeout_of(const Member& member) const;
    [[nodiscard]] std::chrono::seconds period_of(const Member& member) const;
    [[nodiscard]] SteadyTime next_look(SteadyTime now) const;
    [[nodiscard]] std::chrono::seconds backoff(unsigned failures, std::chrono::seconds most) const;

    RosterOptions options_;
    Say say_;
    std::map<std::string, Member> members_;
    std::set<std::string> doubles_; // reported paths with the name of another program
    SteadyTime looked_{};
    bool is_over_ = false;
};

} // namespace tickertape::cli::agent
