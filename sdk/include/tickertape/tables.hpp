// SPDX-License-Identifier: MIT
/// \file
/// Tables: the parts of a collector's input. A part that is slow, blocks or fails affects only its own metrics.
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

/// The tables of a collector, the user's choice among them, and their runs:
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
/// - A separate thread reads, and the run waits for it. If a table takes too long, that thread stays with this table, and a new
///   thread reads the others. From then on the slow table rests after each reading for nine times as long as the reading took; a
///   message reports this once. The next run reports a late reading, with the time at which it was read. Rates divide by the time
///   between readings, and are absent if that time is uncertain by more than a quarter. A table that never answers is missing; the
///   others are reported.
/// - A table that cannot be read or parsed is missing in this run, and a message reports that, as with `attempt`.
/// - If the lines of this collector are limited, tables are left out as a whole in the order of `thins_at`. A message reports this
///   once, and each time is counted. A table that has more lines than are left waits, and less important tables wait with it. After each
///   minute of waiting a table needs a quarter of the lines less, but at least one quarter. So no table stays away for good.
///
/// Thread safety: none; one thread at a time. The functions `read` are called on other threads.
class Tables {
public:
    /// A part of a collector's input.
    struct Table {
        std::string name;   ///< for `--include-table` and `--exclude-table`
        unsigned every = 1; ///< 4: it is read in the first run and in each fourth one after it
        /// With limited lines, as under tcollector, the table is left out while less than this number of quarters of a minute's lines is
        /// left. 0 is the most important table, 3 the least.
        unsigned thins_at = 0;
        /// If the table has no file of its own: the table with which it is read and reported (see `part`).
        std::string part_of = {};
    };

    /// `has_rates` adds the flag `--rate`.
    explicit Tables(std::vector<Table> tables, bool has_rates = true);
    Tables(const Tables&) = delete; // the flags point to it
    Tables& operator=(const Tables&) = delete;
    /// Does not wait for a table that has not answered.
    ~Tables();

    /// `--include-table`, `--exclude-table` and `--rate`.
    [[nodiscard]] std::vector<Collector::Flag> flags();

    /// Sets the functions that read and report the table `name`. The `T` is always the same object, with the values of the reading before.
    /// `read` must capture by value, because it may outlive this object. Tables are read in the order of these calls. Throws UsageError
    /// for a name that the constructor did not get.
    template <class T>
    void add(std::string_view name, std::function<void(T&)> read, std::function<void(T&, Readings&, Totals&)> report) {
        auto value = std::make_shared<T>();
        add_source(
            name, [value, read = std::move(read)] { read(*value); },
            [value, report = std::move(report)](Readings& out, Totals& totals) { report(*value, out, totals); });
    }

    /// A run: reads the tables whose turn it is, and reports them.
    void run(const Collector& self, Readings& out);

    /// Call it in the function that reports a table with parts, for each part and for the table itself. Returns the Totals for `name`; null
    /// if `name` was not chosen, or is left out of this run. Series that are new from here on belong to `name`, until the next call.
    [[nodiscard]] Totals* part(std::string_view name, Readings& out);

    /// A run without a Collector, for tests. It waits for each table for at most `patience`, and for all of them for at most twice that. A
    /// stop ends the wait.
    void run(Readings& out, SteadyTime now, std::chrono::milliseconds interval, std::chrono::milliseconds patience,
             const std::stop_token& stop = {});

private:
    struct Entry;

    void add_source(std::string_view name, std::function<void()> read, std::function<void(Readings&, Totals&)> report);
    [[nodiscard]] Entry& entry_of(std::string_view name) const;
    /// Chooses the tables of this run.
    void choose(Readings& out, SteadyTime now);
    static void count_left_out(Entry& entry, Readings& out);
    /// The readings from here on belong to `entry`; null: to no table. Takes back readings for which there is no room.
    void begin_lines(Entry* entry, Readings& out);
    void set_step(const Entry& entry, Readings& out) const;
    /// Reports a reading that an earlier run asked for. Returns whether there was one.
    bool report_late(Entry& entry, Readings& out, SteadyTime now);
    /// Begins to read it, if this run needs it or one of its parts. Returns whether it begins.
    bool ask(Entry& entry, const Readings& out, SteadyTime now);
    void report(Entry& entry, Readings& out, SteadyTime time);

    std::vector<std::unique_ptr<Entry>> entries_;
    std::vector<Entry*> read_;  // in the order in which they are read
    std::vector<Entry*> turns_; // of this run, by importance
    Entry* counted_ = nullptr;  // whose lines are being reported
    std::size_t counted_from_ = 0;
    double left_ = 0; // lines that this run may still write
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
