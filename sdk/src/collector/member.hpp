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

/// One life of a collector in a crew. Its `main` runs as in a program of its own, but on a Fiber: where it would wait it pauses,
/// and what it holds stays on its stack. Its Collector finds the member by `current` and has the output and the stop from it.
///
/// Thread safety: one thread at a time; `stop` may be called from any.
class Member {
public:
    /// What the members of a crew have in common.
    struct Shared {
        const Settings& settings; ///< those of the output count for all
        Stop& stop;
        std::shared_ptr<Output> output;
        std::vector<std::string> arguments; ///< flags for all
        std::function<void()> wake;         ///< there is something to look at
    };

    /// Why its main is not running.
    enum class Pause : std::uint8_t {
        before_begin, ///< it has been set up
        between_runs, ///< and has a schedule
        apart,        ///< it is to go on, on a thread of its own
        ended
    };

    /// `shared` is borrowed.
    Member(const Body& body, const Shared& shared);

    // For the crew:
    /// Goes on with its main, on this thread, until the next pause.
    void resume();
    [[nodiscard]] Pause pause() const noexcept { return pause_; }
    /// Between runs: when the next one is due, and that run. An exception ends the member: its main goes on with it when resumed.
    [[nodiscard]] SteadyTime next_run() const noexcept { return times_->next(); }
    void run();
    [[nodiscard]] bool has_run() const noexcept { return has_run_; }
    /// Between runs: whether there will be no other.
    [[nodiscard]] bool is_over() const noexcept { return failure_ != nullptr || stop_.requested(); }
    [[nodiscard]] std::optional<gid_t> kept_group() const noexcept { return kept_group_; }
    [[nodiscard]] const Ending& ending() const noexcept { return ending_; }

    // For its Collector, which is made on this thread:
    [[nodiscard]] static Member* current() noexcept;
    /// Its own, but for what is of the process. Throws UsageError.
    [[nodiscard]] Settings read_settings(int argc, const char* const* argv, const Collector::Defaults& defaults) const;
    [[nodiscard]] const std::shared_ptr<Output>& output() const noexcept { return shared_.output; }
    /// Requested with that of the process, and otherwise ends this member alone.
    [[nodiscard]] Stop& stop() noexcept { return stop_; }
    /// Pauses until the process has given up root.
    void wait_to_begin(std::optional<gid_t> kept_group);
    /// Pauses while the crew calls `f` at multiples of the period, until a stop. What `f` throws passes through.
    void run_every(std::chrono::milliseconds period, const std::function<void()>& f);
    /// From here on it has a thread of its own, which may block.
    void go_on_apart();
    /// The process has to start anew.
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
