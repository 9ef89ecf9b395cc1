// SPDX-License-Identifier: MIT
/// \file
/// Roster: which programs run, and when they are started and ended.
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

#include "cli/agent/scan.hpp"

namespace tickertape::cli::agent {

/// How a process has ended.
struct Ended {
    int code = -1;  ///< its exit code, -1 if a signal ended it
    int signal = 0; ///< that signal
};
/// `exit code 3`, `signal 9`
[[nodiscard]] std::string to_string(const Ended& ended);

/// tcollector's numbers.
struct RosterOptions {
    std::chrono::seconds look_each{15}; ///< the directory is scanned so often; no interval is shorter
    std::chrono::seconds inactivity{
        600};                     ///< a long-lived program that writes no line for so long is started anew; 0: never
    bool remove_inactive = false; ///< it is not started anew then
    std::chrono::seconds dead_for{3'600}; ///< from the last start of a program that failed, or asked for it (13)
    std::chrono::seconds retry_after{
        0}; ///< a program that fails is started again so soon, then ever later; 0: `dead_for`
    std::chrono::seconds kill_after{5}; ///< after TERM
};

/// Decides; somebody else starts processes, reads the clock, and says what happened. Knows no process ids.
///
/// Thread safety: none.
class Roster {
public:
    enum class State : std::uint8_t {
        waiting, ///< for its next start
        running,
        ending, ///< has got TERM
        dead,   ///< waiting for longer, as it failed or asked for it
    };
    enum class Reply : std::uint8_t { start, terminate, kill };
    struct Order {
        Reply reply = Reply::start;
        std::string name{};
        friend bool operator==(const Order&, const Order&) = default;
    };
    struct Member {
        Program program{};
        State state = State::waiting;
        SteadyTime due{};                    ///< of its start, or of the KILL
        std::optional<SteadyTime> started{}; ///< the last time
        SteadyTime heard{};                  ///< the last line, or the start
        bool spoke = false;                  ///< wrote a line since its start
        bool is_leaving = false;             ///< is forgotten when it has ended
        bool is_unwanted = false;            ///< is dead when it has ended
        unsigned failures = 0;               ///< in a row
        unsigned kills = 0;                  ///< KILLs since its TERM
        std::uint64_t starts = 0;
        std::string last_end{}; ///< how it ended the last time
    };
    using Say = std::function<void(const std::string&)>;

    /// `say` gets sentences for the log.
    Roster(const RosterOptions& options, Say say) : options_{options}, say_{std::move(say)} {}

    void set_options(const RosterOptions& options) { options_ = options; }

    /// The directory was scanned. Returns what has to be done, also about times that have come.
    [[nodiscard]] std::vector<Order> look(const Scan& found, SteadyTime now);
    /// What has to be done now.
    [[nodiscard]] std::vector<Order> due(SteadyTime now);
    /// When `due` has something to do at the earliest, if nothing happens before.
    [[nodiscard]] std::optional<SteadyTime> next() const;

    void started(const std::string& name, SteadyTime now);
    /// It could not be started.
    void failed(const std::string& name, const std::string& why, SteadyTime now);
    /// A line came that is not blank.
    void heard(const std::string& name, SteadyTime now);
    /// Its process has ended.
    void ended(const std::string& name, const Ended& how, SteadyTime now);

    /// Ends a program that runs; it starts again at once, unless it is `unwanted`: then it is dead.
    [[nodiscard]] std::vector<Order> end(const std::string& name, SteadyTime now, bool unwanted);
    /// Ends all, and starts none any more.
    [[nodiscard]] std::vector<Order> end_all(SteadyTime now);
    /// Whether a process is left.
    [[nodiscard]] bool has_processes() const;

    [[nodiscard]] const std::map<std::string, Member>& members() const noexcept { return members_; }

private:
    void note(const Program& program);
    void change(Member& member, const Program& program, std::vector<Order>& orders, SteadyTime now);
    void forget_missing(const Scan& found, std::vector<Order>& orders, SteadyTime now);
    void attend(Member& member, std::vector<Order>& orders, SteadyTime now);
    void attend_running(Member& member, std::vector<Order>& orders, SteadyTime now);
    void terminate(Member& member, std::vector<Order>& orders, SteadyTime now);
    void bury(Member& member, SteadyTime now);
    /// When it is ended, if it runs on and says nothing.
    [[nodiscard]] SteadyTime end_of_patience(const Member& member) const;
    [[nodiscard]] std::chrono::seconds period_of(const Member& member) const;
    [[nodiscard]] SteadyTime next_look(SteadyTime now) const;
    [[nodiscard]] std::chrono::seconds backoff(unsigned failures, std::chrono::seconds most) const;

    RosterOptions options_;
    Say say_;
    std::map<std::string, Member> members_;
    std::set<std::string> doubles_; // paths of which it was said that another has their name
    SteadyTime looked_{};
    bool is_over_ = false;
};

} // namespace tickertape::cli::agent
