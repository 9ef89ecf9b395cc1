// SPDX-License-Identifier: MIT
/// \file
/// Collector: the command line, signals and output that all collectors have in common. Target tickertape::collector.
#pragma once

#include <chrono>
#include <concepts>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <tickertape/autodump.hpp>
#include <tickertape/counter.hpp>
#include <tickertape/readings.hpp>
#include <tickertape/schedule.hpp>
#include <tickertape/transmitter.hpp>

namespace tickertape {

namespace collector {
class Crew;
} // namespace collector

/// Throw it in a collector that cannot work on this host. The program then ends with exit code 13, and tcollector starts it again only
/// after an hour. `what()` is a sentence.
class CannotWork : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Make one first in a collector's `main`. It reads the command line, handles signals, and writes or pushes the lines.
///
///     Collector self{argc, argv, {.name = "load", .interval = 5s}};
///     MetricCounter<stock> load{"proc.load", self.counter()};
///     autodump dump{self, load};
///     return self.run_every_n_seconds(self.interval(), [&] { load.set(read_load(self.proc_root())); });
///
/// TERM, INT and HUP, a closed output and the end of `--for` stop the collector: it writes the points that it holds and ends
/// with exit code 0. If `main` does not return by itself, for example because it is blocked in a read, the process still ends within 5 s
/// after the stop. A collector that root starts becomes `--user` (`nobody`) when it begins to run. An exception that
/// leaves `main` ends the process with one sentence on stderr.
///
/// Thread safety: one per process, made and used by `main`'s thread; `stop` may be called from any thread.
class Collector {
public:
    /// Exit codes, as tcollector reads them.
    enum class ExitCode : int {
        again = 0,       ///< start me again: after TERM, INT, HUP, and when the reader of the output is gone
        failure = 1,     ///< an exception ended it
        usage = 2,       ///< the command line is wrong
        cannot_work = 13 ///< there is nothing to collect on this host
    };

    /// A flag of one collector's own.
    struct Flag {
        std::string name;              ///< as the user writes it: `--file`
        std::string help;              ///< a line for `--help`
        std::string kind;              ///< the placeholder for its value there: `FILE`
        std::string* target = nullptr; ///< receives the value; contains the default before
        /// Called with a value from any source (command line, environment, config file) before it is used. Throws UsageError if the value
        /// is wrong: `'[' is no …`.
        std::function<void(const std::string& value)> check = {};
        bool* chosen =
            nullptr; ///< instead of `target`, for a switch without a value: receives whether it is on; contains the default before
        bool differences = false;                 ///< this switch turns on `Defaults::differences`
        std::vector<std::string>* list = nullptr; ///< instead of `target`, for a repeatable flag: receives all values
        /// For a list: returns the collector's own values that are in force in addition, for `--help` and `--check-config`. Called before
        /// and after the flags are read.
        std::function<std::vector<std::string>()> own = {};
        /// For a list of globs: returns the values that this host has. `--check-config` reports a glob that matches none of them.
        std::function<std::vector<std::string>(const std::filesystem::path& proc_root)> candidates = {};
    };

    /// The name of a collector and the defaults of its flags.
    struct Defaults {
        std::string name;
        std::string description = {}; ///< its metrics, in a line for `--help`
        std::chrono::milliseconds interval = std::chrono::seconds{15};
        std::chrono::milliseconds timespan = std::chrono::seconds{15};
        std::chrono::milliseconds granularity = std::chrono::seconds{1};
        /// The collector reports differences of two readings and takes the first one when it starts. So `--once` waits one interval. A
        /// function that reports Readings is also called at the start; its first readings are dropped.
        bool differences = false;
        std::vector<Flag> flags = {};
    };

    /// Ends the process for `--help` and `--version` (0) and for a wrong command line (2, with one sentence on stderr).
    Collector(int argc, const char* const* argv, Defaults defaults);
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;
    ~Collector();

    [[nodiscard]] std::chrono::milliseconds interval() const noexcept;
    [[nodiscard]] std::chrono::milliseconds timespan() const noexcept;
    [[nodiscard]] std::chrono::milliseconds granularity() const noexcept;
    /// The directory of the kernel's process files: `/proc`, or the value of `--proc-root`.
    [[nodiscard]] const std::filesystem::path& proc_root() const noexcept;
    [[nodiscard]] Clock& clock() const noexcept;
    /// Returns whether `--once` asks for one reading.
    [[nodiscard]] bool is_once() const noexcept;

    /// The options of a counter: `own` with the timespan, the granularity and the clock of this collector, and `--tag` merged into
    /// its tags. Throws UsageError if both set the same key.
    [[nodiscard]] CounterOptions counter(CounterOptions own = {}) const;

    /// The output of this collector: put lines on stdout, or the targets of `--tsd`; deduplicated if buckets are of whole seconds.
    /// The result must not outlive the collector.
    operator AnyTransmitter(); // NOLINT(*-explicit-*): `autodump dump{self, counter}`

    /// Does the same as the free function, until a stop; returns the exit code of the program. Exceptions
    /// end it with one sentence on stderr: UsageError 2, CannotWork 13, others 1. With `--once`: one run.
    int run_every_n_seconds(std::chrono::milliseconds period, const std::function<void()>& f);

    /// The same; sets `counter` to the result of `f`.
    template <class F>
        requires std::convertible_to<std::invoke_result_t<F&>, double>
    int run_every_n_seconds(std::chrono::milliseconds period, MetricCounter<stock>& counter, F f) {
        return run_every_n_seconds(period, [&] { counter.set(static_cast<double>(f())); });
    }

    /// The same for a function that reports readings. They go out right after each run with the run's due time and `--tag`, and are
    /// deduplicated as counters are. Another thread writes, so no run waits for the output. At most 100,000 readings wait;
    /// lost and refused readings are counted (`tickertape.readings.lost`, `.refused`) and reported.
    int run_every_n_seconds(std::chrono::milliseconds period, const std::function<void(Readings&)>& f);

    /// The same with samples in between: calls `sample` at every multiple of `every` (at least 1 ms), beginning with a multiple of
    /// `period`. At each later multiple of `period` it calls `f` right after `sample`. If the sample at the end of a period was missed,
    /// `f` is called before the next sample, with its own due time. Throws UsageError when the period is not a multiple of `every`. With
    /// `--once`: the samples of one period, and one call of `f`.
    int run_every_n_seconds(std::chrono::milliseconds period, std::chrono::milliseconds every,
                            const std::function<void()>& sample, const std::function<void(Readings&)>& f);

    /// Calls `f` once, for collectors that wait for events instead of a schedule; returns the exit code of the program.
    /// Exceptions end it as in run_every_n_seconds. `f` must return when `stop()` is requested; if it is blocked then, the
    /// process ends without it. With `--once` a stop is requested after one interval, and the counters on `clock()` are then written.
    int run(const std::function<void()>& f);

    /// A collector that root starts becomes `--user` (`nobody`) when it begins to run. After this call it then keeps the group of `file`,
    /// if that group may read the file and others may not. For a file that does not exist yet it keeps the group `adm`, the usual group of
    /// logs. Call it before run or run_every_n_seconds.
    void keep_group_of(const std::filesystem::path& file);

    [[nodiscard]] Stop& stop() noexcept;

    /// The time to write held points after a request to stop. The process ends within 5 s of the request; then tcollector would kill it.
    static constexpr std::chrono::milliseconds stop_deadline{3000};

private:
    friend class collector::Crew; // it runs several collectors in one process
    struct State;

    /// Drops root's privileges and calls `f`; returns an exit code.
    int guard(const std::function<void()>& f);
    /// The loop. `start_anew` returns true after a run if the process must end so that tcollector starts a new one.
    void loop(std::chrono::milliseconds period, const std::function<void()>& f,
              const std::function<bool()>& start_anew);
    [[nodiscard]] bool reserves_host_tag() const;

    std::unique_ptr<State> state_;
};
static_assert(std::is_aggregate_v<Collector::Flag>);
static_assert(std::is_aggregate_v<Collector::Defaults>);

} // namespace tickertape
