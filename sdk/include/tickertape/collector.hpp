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

/// Thrown by a collector that finds that it has nothing to do on this host: its program ends with exit code 13, which
/// tells tcollector not to start it again soon. `what()` is a sentence.
class CannotWork : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What a collector's `main` begins with: reads the command line, handles signals, and knows where lines go.
///
///     Collector self{argc, argv, {.name = "load", .interval = 5s}};
///     MetricCounter<stock> load{"proc.load", self.counter()};
///     autodump dump{self, load};
///     return self.run_every_n_seconds(self.interval(), [&] { load.set(read_load(self.proc_root())); });
///
/// TERM, INT and HUP, a closed output and the end of `--for` end the run with exit code 0, after what is held has been
/// written. Started by root, it becomes `--user` (`nobody`) when it begins to run. If `main` does not return by itself,
/// as it is blocked in a read, the process is ended once that is done, 5 s after the stop at the latest. An exception that
/// leaves `main` ends the process with one sentence on stderr.
///
/// Thread safety: one per process, made and used by `main`'s thread; `stop` may be called from any thread.
class Collector {
public:
    /// Exit codes, as tcollector reads them.
    enum class ExitCode : int {
        again = 0,       ///< start me again: after TERM, INT, HUP, and when nobody reads the output any more
        failure = 1,     ///< an exception ended it
        usage = 2,       ///< the command line is wrong
        cannot_work = 13 ///< there is nothing to collect on this host
    };

    /// A flag of one collector's own.
    struct Flag {
        std::string name;              ///< as it is written: `--file`
        std::string help;              ///< a line for `--help`
        std::string kind;              ///< what stands for its value there: `FILE`
        std::string* target = nullptr; ///< gets the value; holds the default before
        /// Looks at a value before it is taken, wherever it comes from. Throws UsageError if it is wrong: `'[' is no …`.
        std::function<void(const std::string& value)> check = {};
        bool* chosen =
            nullptr; ///< instead, for a switch, which takes no value: whether it is on; holds the default before
        bool differences = false; ///< switched on, it makes the collector report differences, as Defaults has it
        std::vector<std::string>* list = nullptr; ///< instead, for a flag that may be repeated: gets all values
        /// Of a list: the collector's own values that are in force beside it, for `--help` and `--check-config`. Called after all
        /// flags have been read, too.
        std::function<std::vector<std::string>()> own = {};
        /// Of a list of globs: what there is for them on this host. `--check-config` names a glob that matches nothing of it.
        std::function<std::vector<std::string>(const std::filesystem::path& proc_root)> candidates = {};
    };

    /// What a collector is called and what its flags default to.
    struct Defaults {
        std::string name;
        std::string description = {}; ///< what it reports, a line for `--help`
        std::chrono::milliseconds interval = std::chrono::seconds{15};
        std::chrono::milliseconds timespan = std::chrono::seconds{15};
        std::chrono::milliseconds granularity = std::chrono::seconds{1};
        /// It reports differences of two readings, the first of which it takes when it starts: `--once` then waits one interval.
        /// A tick that reports Readings is called before that, too, and what it says then is dropped.
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
    /// Where the kernel's process files are; `/proc` unless `--proc-root` says otherwise.
    [[nodiscard]] const std::filesystem::path& proc_root() const noexcept;
    [[nodiscard]] Clock& clock() const noexcept;
    /// Whether `--once` asks for one reading.
    [[nodiscard]] bool is_once() const noexcept;

    /// The options of a counter: `own` with the timespan, the granularity and the clock of this collector, and `--tag` merged into
    /// its tags. Throws UsageError if both set the same key.
    [[nodiscard]] CounterOptions counter(CounterOptions own = {}) const;

    /// Where this collector's points go: put lines on stdout, deduplicated if buckets are of whole seconds.
    /// What is made here must not outlive the collector.
    operator AnyTransmitter(); // NOLINT(*-explicit-*): `autodump dump{self, counter}`

    /// As the free function, until a stop; returns the exit code of the program. Exceptions end it with one sentence on
    /// stderr: UsageError 2, CannotWork 13, others 1. With `--once`: one run.
    int run_every_n_seconds(std::chrono::milliseconds period, const std::function<void()>& f);

    /// The same; what `f` returns is set on `counter`.
    template <class F>
        requires std::convertible_to<std::invoke_result_t<F&>, double>
    int run_every_n_seconds(std::chrono::milliseconds period, MetricCounter<stock>& counter, F f) {
        return run_every_n_seconds(period, [&] { counter.set(static_cast<double>(f())); });
    }

    /// The same; what `f` reports goes out right after each run, stamped with the time at which that was due, with `--tag`, and
    /// deduplicated as counters are. Writing is done by another thread: no run waits for the output, for which 100,000 readings
    /// may wait at most. What is lost there or refused is counted (`tickertape.readings.lost`, `.refused`) and said.
    int run_every_n_seconds(std::chrono::milliseconds period, const std::function<void(Readings&)>& f);

    /// The same with samples in between: calls `sample` at every multiple of `every`, at least 1 ms, first at one of `period`, and `f`
    /// after it at those of `period` that follow. If the end of a period was missed, `f` is called before the next sample, with the
    /// time at which it was due. Throws UsageError when the period is no multiple of `every`. With `--once`: the samples of one
    /// period, and one call of `f`.
    int run_every_n_seconds(std::chrono::milliseconds period, std::chrono::milliseconds every,
                            const std::function<void()>& sample, const std::function<void(Readings&)>& f);

    /// Calls `f`, for collectors that are driven by something else than time; returns the exit code of the program.
    /// Exceptions end it as in run_every_n_seconds. `f` is to return when `stop()` is requested; if it is blocked then, the
    /// process is ended. With `--once` a stop is requested after one interval; what `f` makes with `clock()` is then told.
    int run(const std::function<void()>& f);

    /// Started by root, the collector becomes `--user` (`nobody`) when it begins to run; it then keeps the group of `file` if
    /// that may read it and others may not, so that it can read it later, too. Of a file that is not there yet the group
    /// is taken to be `adm`, which is whom logs are for. To be called before that.
    void keep_group_of(const std::filesystem::path& file);

    [[nodiscard]] Stop& stop() noexcept;

    /// For writing what is held, from a request to stop on. The process ends within 5 s of it, after which tcollector kills.
    static constexpr std::chrono::milliseconds stop_deadline{3000};

private:
    friend class collector::Crew; // which runs others beside it
    struct State;

    /// Gives up root and calls `f`; returns an exit code.
    int guard(const std::function<void()>& f);
    /// The loop. `start_anew` says after a run that only a new process can go on under tcollector.
    void loop(std::chrono::milliseconds period, const std::function<void()>& f,
              const std::function<bool()>& start_anew);
    [[nodiscard]] bool reserves_host_tag() const;

    std::unique_ptr<State> state_;
};
static_assert(std::is_aggregate_v<Collector::Flag>);
static_assert(std::is_aggregate_v<Collector::Defaults>);

} // namespace tickertape
