// SPDX-License-Identifier: MIT
/// \file
/// Destination: one run of `tickertape push`, from the files to one TSD.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tickertape/stop.hpp>
#include <tickertape/target.hpp>

#include "base/log.hpp"
#include "cli/lines/put_line.hpp"
#include "cli/push/bad_lines.hpp"
#include "cli/push/inputs.hpp"
#include "cli/push/self_report.hpp"
#include "cli/push/sink.hpp"
#include "cli/terminal/progress.hpp"

namespace tickertape::cli::push {

enum ExitCode : int { all_acked = 0, some_lost = 1, some_unconfirmed = 3, nothing_taken = 4, some_spooled = 5 };

/// The settings that all destinations share.
struct Task {
    std::vector<std::string> files{};
    std::string host{};                        ///< value of the `host` tag for lines without one
    std::chrono::milliseconds deadline{0};     ///< 0: none
    std::chrono::milliseconds self_metrics{0}; ///< interval of the self-metrics; 0: none
    bool dry_run = false;
    bool is_quiet = false;
    bool has_spool = false;
    bool has_copies = false; ///< then the account names the destination
};

/// Reads the files and sends their lines to one target of several, at its own pace.
///
/// Thread safety: `run` may be called on a thread of its own; one thread at a time.
class Destination {
public:
    /// The first destination (number 0) names bad lines and draws the bar. `task` and `inputs` are borrowed. Sets `options.go_on`.
    /// `copy` is the value of the tag of its self-metrics; empty: none.
    Destination(const Task& task, Inputs& inputs, std::size_t number, Targets targets, std::string_view copy,
                SinkOptions options);
    Destination(const Destination&) = delete;
    Destination& operator=(const Destination&) = delete;
    ~Destination() = default;

    /// Reads and sends until all lines are answered or dropped.
    void run();
    /// Writes the account to stderr. Returns an exit code.
    int report();

private:
    using Clock = std::chrono::steady_clock;

    /// The time limit after a stop for everything that is still under way, whichever wait the stop interrupted.
    class Grace {
    public:
        Grace(std::stop_token stop, Clock::duration time) : on_stop_{std::move(stop), Begin{time, end_}} {}
        [[nodiscard]] bool is_over() const noexcept { return Clock::now().time_since_epoch() >= end_.load(); }

    private:
        struct Begin {
            Clock::duration time;
            std::atomic<Clock::duration>& end;
            void operator()() const noexcept { end = Clock::now().time_since_epoch() + time; }
        };
        std::atomic<Clock::duration> end_{Clock::duration::max()};
        std::stop_callback<Begin> on_stop_;
    };

    void read(const std::string& path);
    void count_missed(const Inputs::Opened& opened);
    void take(const lines::LineInput& input, std::string_view raw);
    [[nodiscard]] std::uint64_t take_runs(lines::IndexedLines& lines);
    [[nodiscard]] bool may_take();
    [[nodiscard]] bool go_on();
    void say(base::Level level, std::string_view sentence);
    void report_account(const Account& account) const;
    [[nodiscard]] Account account() const;
    [[nodiscard]] std::string why_not(const Account& account) const;

    const Task& task_;
    Inputs& inputs_;
    std::size_t number_;
    std::string target_;
    std::size_t added_;              // bytes added to a line in tcollector form
    std::unique_ptr<PushSink> sink_; // null in a dry run
    Stop& stop_ = Stop::process();
    Grace grace_;
    SelfReport self_report_;
    BadLines bad_;
    std::optional<terminal::Progress> bar_;
    std::shared_ptr<SharedInput> shared_; // the present input, if it is shared
    SharedInput::Missed missed_{};
    std::uint64_t seen_ = 0; // lines of this input
    std::uint64_t lines_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t done_ = 0;
    Clock::time_point begun_ = Clock::now();
    Clock::time_point ended_ = begun_;
    Clock::time_point progress_ = begun_;
    bool input_is_over_ = false;
    bool given_up_ = false;
    bool unread_ = false;
    bool answered_ = false;
};

} // namespace tickertape::cli::push
