// SPDX-License-Identifier: MIT
/// \file
/// Member: a collector that shares its process with others.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <tickertape/collector.hpp>
#include <tickertape/stop.hpp>

#include "base/fiber.hpp"
#include "collector/body.hpp"
#include "collector/command_line.hpp"
#include "collector/ending.hpp"
#include "collector/output.hpp"
#include "counter/due_times.hpp"

namespace tickertape::collector {

/// One life of a collector in a crew. Its `main` runs as in a separate program, but on a Fiber: it pauses instead of waiting, and
/// its objects stay on its stack. Its Collector finds the member by `current`, and uses the member's output and stop.
///
/// Thread safety: one thread at a time; `stop` may be called from any thread.
class Member {
public:
    /// Everything that the members of a crew share.
    struct Shared {
        const Settings& settings; ///< those of the output apply to all members
        Stop& stop;
        std::shared_ptr<Output> output;
        std::vector<std::string> arguments; ///< flags for all members
        std::function<void()> wake;         ///< wakes the crew: a member has changed
    };

    /// The reason why its main is not running.
    enum class Pause : std::uint8_t {
        before_begin, ///< the Collector has been set up
        between_runs, ///< it has a schedule, and waits for the next run
        needs_thread, ///< it has to continue on a separate thread
        ended
    };

    /// `shared` is borrowed.
    Member(const Body& body, const Shared& shared);

    // For the crew:
    /// Continues its main on this thread until the next pause.
    void resume();
    [[nodiscard]] Pause pause() const noexcept { return pause_; }
    /// Between runs: the due time of the next run; `run` does that run. An exception ends the member: `resume` passes it to its main.
    [[nodiscard]] SteadyTime next_run() const noexcept { return times_->next(); }
    void run();
    [[nodiscard]] bool has_run() const noexcept { return has_run_; }
    /// Between runs: returns whether there will be no other run.
    [[nodiscard]] bool is_over() const noexcept { return failure_ != nullptr || stop_.requested(); }
    [[nodiscard]] std::optional<gid_t> kept_group() const noexcept { return kept_group_; }
    [[nodiscard]] const Ending& ending() const noexcept { return ending_; }

    // For its Collector, which is made on this thread:
    [[nodiscard]] static Member* current() noexcept;
    /// Returns the member's settings, except that settings of the process come from there. Throws UsageError.
    [[nodiscard]] Settings read_settings(int argc, const char* const* argv, const Collector::Defaults& defaults) const;
    [[nodiscard]] const std::shared_ptr<Output>& output() const noexcept { return shared_.output; }
    /// The Stop of this member. A stop of the process requests it, too; a request to it alone ends only this member.
    [[nodiscard]] Stop& stop() noexcept { return stop_; }
    /// Pauses until the process has given up root privileges.
    void wait_to_begin(std::optional<gid_t> kept_group);
    /// Pauses while the crew calls `f` at multiples of the period, until a stop. Exceptions of `f` pass through.
    void run_every(std::chrono::milliseconds period, const std::function<void()>& f);
    /// Moves the member to a separate thread, which may block from here on.
    void move_to_thread();
    /// Requests that the process starts anew.
    void start_anew() { shared_.stop.request(Stop::Reason::clock_stepped); }
    void end_with(Ending ending) { ending_ = std::move(ending); }

private:
    void live();
    void pause_for(Pause pause);

    Body body_;
    const Shared& shared_;
    Pause pause_ = Pause::before_begin;
    std::optional<gid_t> kept_group_;
    std::optional<counter::DueTimes> times_;
    const std::function<void()>* f_ = nullptr;
    bool has_run_ = false;
    std::exception_ptr failure_;
    Ending ending_;
    Stop stop_;
    std::stop_callback<std::function<void()>> on_stop_of_process_;
    std::stop_callback<std::function<void()>> on_stop_;
    base::Fiber fiber_;
};

} // namespace tickertape::collector
