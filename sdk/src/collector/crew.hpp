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

/// Runs several collectors on one thread: one schedule, one output, one stop. A member that ends is started again, after a wait
/// that grows each time; a message reports its end once. It does not delay the others: a separate thread writes its last points. A
/// member that waits for events instead of a schedule, such as lines of a log, has a separate thread all the time.
///
/// Thread safety: one per process, made and run by `main`'s thread.
class Crew {
public:
    /// `self` has the settings and the output of the process; it must outlive the crew. `arguments` are flags for each member.
    Crew(Collector& self, const std::vector<Body>& bodies, std::vector<std::string> arguments);
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    ~Crew();

    /// Runs the members until a stop; returns the exit code of the program. With `--once` the members run one after the other.
    int run();

private:
    struct Slot;

    /// Makes a member. Without memory for it, its life ends at once.
    void set_up(Slot& slot);
    void begin(Slot& slot);
    /// Returns the worst exit code of the members.
    [[nodiscard]] Collector::ExitCode run_once();
    /// Becomes another user, and keeps the group that a member asks for.
    void give_up_root();
    void run_until_stop();
    /// Handles a member that has ended or is about to end, and one that is due to start again.
    void attend(Slot& slot, SteadyTime now);
    /// Continues a member on a separate thread. If no thread can be started, tries again a second later.
    void start_thread(Slot& slot, SteadyTime now);
    /// Runs a member to its end on this thread.
    static void go_to_end(Member& member);
    void record_end(Slot& slot, Ending ending, SteadyTime now) const;
    [[nodiscard]] SteadyTime next_due() const;
    void run_due();
    /// Returns the exit code of a crew in which no member has started to work. `again` if one has.
    [[nodiscard]] Collector::ExitCode code_if_idle() const;

    void wake();
    [[nodiscard]] std::stop_token wake_token();

    proc::SharedDumps shared_dumps_; // members read at the same due times
    Member::Shared shared_;
    std::vector<std::unique_ptr<Slot>> slots_;
    bool has_dropped_pages_ = false;
    std::mutex mutex_; // guards the members below
    std::stop_source wake_;
};

} // namespace tickertape::collector
