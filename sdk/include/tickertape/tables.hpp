// SPDX-License-Identifier: MIT
/// \file
/// Tables: the parts of what a collector reads. One that is slow, blocks or fails costs its own metrics.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <tickertape/choice.hpp>
#include <tickertape/collector.hpp>
#include <tickertape/readings.hpp>
#include <tickertape/totals.hpp>

namespace tickertape {

namespace collector {
class TableReader;
struct TableSource;
} // namespace collector

/// The tables of a collector, what the user chose of them, and their runs:
///
///     Tables tables{{{"loadavg"}, {.name = "interrupts", .every = 4, .thins_at = 3}}};
///     Collector self{argc, argv, {.name = "load", .flags = tables.flags()}};
///     const auto root = std::make_shared<proc::Root>(self.proc_root());
///     tables.add<proc::LoadAvg>(
///         "loadavg", [root](auto& load) { load = proc::read_loadavg(*root); },
///         [](auto& load, Readings& out, Totals&) { out("proc.loadavg.1min", load.one_minute); });
///     …
///     return self.run_every_n_seconds(self.interval(), [&](Readings& out) { tables.run(self, out); });
///
/// - A thread of its own reads, and the run waits for it. A table that takes too long is left to that thread, and another
///   one reads the others; from then on it takes a tenth of the time at most, which is reported once. The run after its end
///   reports it, with the time at which it was read; rates are per time between readings, and absent where that is uncertain by
///   more than a quarter. One that never answers costs itself.
/// - A table that cannot be read or understood is missing in this run, which is reported as `attempt` does.
/// - Where the lines of this collector are limited, tables are left out as a whole in the order of `thins_at`. This is reported
///   once, and counted. A table that has more lines than are left waits, and less important ones wait with it. After each
///   minute of waiting a table needs a quarter less, down to one quarter, so that none stays away for good.
///
/// Thread safety: none; one thread at a time. What reads is called on other threads.
class Tables {
public:
    /// A part of what a collector reads.
    struct Table {
        std::string name;   ///< for `--include-table` and `--exclude-table`
        unsigned every = 1; ///< 4: it is read in the first run and in each fourth one after it
        /// When lines are short, as under tcollector, it is left out while less than so many quarters of them are left: 0 for what
        /// matters most, up to 3.
        unsigned thins_at = 0;
        /// The table that it is read and reported with, if it has no file of its own (see `part`).
        std::string part_of = {};
    };

    /// With `has_rates` there is the flag `--rate`, too.
    explicit Tables(std::vector<Table> tables, bool has_rates = true);
    Tables(const Tables&) = delete; // the flags point to it
    Tables& operator=(const Tables&) = delete;
    /// Does not wait for a table that has not answered.
    ~Tables();

    /// `--include-table`, `--exclude-table` and `--rate`.
    [[nodiscard]] std::vector<Collector::Flag> flags();

    /// How the table `name` is read into a `T`, which is the one of the reading before, and reported. `read` captures what it
    /// uses by value, as it may outlive this object. Tables are read in this order. Throws UsageError for a name that the
    /// constructor did not get.
    template <class T>
    void add(std::string_view name, std::function<void(T&)> read, std::function<void(T&, Readings&, Totals&)> report) {
        auto value = std::make_shared<T>();
        add_source(
            name, [value, read = std::move(read)] { read(*value); },
            [value, report = std::move(report)](Readings& out, Totals& totals) { report(*value, out, totals); });
    }

    /// A run: reads the tables whose turn it is, and reports them.
    void run(const Collector& self, Readings& out);

    /// In the function that reports a table with parts, for each part and for the table itself: what to report `name` with; null
    /// if it was not chosen, or this run leaves it out. Series that are new from here on are of `name`, until the next call.
    [[nodiscard]] Totals* part(std::string_view name, Readings& out);

    /// For whoever calls runs without a Collector: `patience` is how long a run waits for a table, and half of how long for all.
    /// It does not wait beyond a stop.
    void run(Readings& out, SteadyTime now, std::chrono::milliseconds interval, std::chrono::milliseconds patience,
             const std::stop_token& stop = {});

private:
    struct Entry;

    void add_source(std::string_view name, std::function<void()> read, std::function<void(Readings&, Totals&)> report);
    [[nodiscard]] Entry& entry_of(std::string_view name) const;
    /// Which tables are in this run.
    void choose(Readings& out, SteadyTime now);
    static void count_left_out(Entry& entry, Readings& out);
    /// What comes from here on is of `entry`; null: of no table. Takes back what there is no room for.
    void begin_lines(Entry* entry, Readings& out);
    void set_step(const Entry& entry, Readings& out) const;
    /// Reports what an earlier run asked for. Returns whether there was anything.
    bool report_late(Entry& entry, Readings& out, SteadyTime now);
    /// Begins to read it, if this run needs it or one of its parts. Returns whether it begins.
    bool ask(Entry& entry, const Readings& out, SteadyTime now);
    void report(Entry& entry, Readings& out, SteadyTime time);

    std::vector<std::unique_ptr<Entry>> entries_;
    std::vector<Entry*> read_;  // in the order in which they are read
    std::vector<Entry*> turns_; // of this run, by how much they matter
    Entry* counted_ = nullptr;  // whose lines are being reported
    std::size_t counted_from_ = 0;
    double left_ = 0; // lines, of those that this run may write
    Choice choice_;
    bool has_rates_;
    bool per_second_ = false;
    std::uint64_t run_ = 0;
    std::chrono::milliseconds interval_{0}; // of the last run
    // Lists of the current run, kept for their memory.
    std::vector<Entry*> asked_;
    std::vector<std::shared_ptr<collector::TableSource>> sources_;
    std::unique_ptr<collector::TableReader> reader_;
};
static_assert(std::is_aggregate_v<Tables::Table>);

} // namespace tickertape
