// SPDX-License-Identifier: MIT
/// \file
/// Crew: several collectors in one process.
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "collector/member.hpp"
#include "proc/shared_dumps.hpp"

namespace tickertape::collector {

/// Runs collectors beside each other on one thread: one schedule, one output, one stop. A member that ends is started again,
/// later each time; that it ends is said once. It costs the others nothing: what it still has to write, it writes on a thread of
/// its own. A member that is driven by something else than time, as by a log, has a thread all the time.
///
/// Thread safety: one per process, made and run by `main`'s thread.
class Crew {
public:
    /// `self` has the settings of the process and its output, and outlives the crew. `arguments` are flags for each member.
    Crew(Collector& self, const std::vector<Body>& bodies, std::vector<std::string> arguments);
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    ~Crew();

    /// Until a stop; returns the exit code of the program. With `--once`: one after the other.
    int run();

private:
    struct Berth;

    /// Makes a member. If there is no memory for it, that is its end.
    void set_up(Berth& berth);
    void begin(Berth& berth);
    /// Returns the worst of their exit codes.
    [[nodiscard]] Collector::ExitCode run_once();
    /// Becomes another user, with the group that a member asks for.
    void give_up_root();
    void run_until_stop();
    /// Sees to a member that has ended or is about to, and to one that is to be started again.
    void look_after(Berth& berth, SteadyTime now);
    /// If no thread can be started, again a second later.
    void go_on_apart(Berth& berth, SteadyTime now);
    /// On this thread.
    static void go_to_end(Member& member);
    void note_end(Berth& berth, Ending ending, SteadyTime now);
    [[nodiscard]] SteadyTime next_due() const;
    void run_due();
    void drop_pages_once();
    /// What to end with if nobody has begun to work; `again` if somebody has.
    [[nodiscard]] Collector::ExitCode code_if_idle() const;

    void wake();
    [[nodiscard]] std::stop_token wake_token();

    Collector& self_;
    proc::SharedDumps shared_dumps_; // members read at the same due times
    Member::Shared shared_;
    std::vector<std::unique_ptr<Berth>> berths_;
    bool has_dropped_pages_ = false;
    std::mutex mutex_; // of what follows
    std::stop_source wake_;
};

} // namespace tickertape::collector
