// SPDX-License-Identifier: MIT
/// \file
/// Readings: the readings of one run of a collector that learns its series only when it reads.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tickertape/point.hpp>
#include <tickertape/tags.hpp>

namespace tickertape {

class Sketch;

/// Makes points of the readings of one run, all with the run's due time. A collector's function gets it as a parameter
/// and calls it for each reading:
///
///     void report_load(const std::filesystem::path& proc, Readings& out) {
///         const Load load = read_load(proc);
///         out("proc.loadavg.1min", load.one_minute);
///         for (const Disk& disk : read_disks(proc)) {
///             out("disk.reads", disk.reads, {{"device", disk.name}});
///         }
///     }
///
/// A reading that cannot be a point is left out and counted, without harm to the others. An illegal name is also reported on stderr when it
/// is first seen.
///
/// Thread safety: none; one thread at a time.
class Readings {
public:
    /// Options for all readings.
    struct Options {
        /// The time between two runs; it becomes the step of each series. 0: not known.
        std::chrono::nanoseconds step{0};
        /// Tags of every reading, in addition to its own.
        Tags tags = {};
        /// The most series that are remembered. At the limit, series that were not in the last two runs are forgotten. If that does
        /// not help, readings of further series are refused and counted.
        std::size_t max_series = 100'000;
        /// As in SeriesOptions.
        bool reserve_host_tag = true;
    };

    /// The number of lines that may be written without waiting, as under tcollector. Infinite if there is no limit.
    struct Room {
        double lines = std::numeric_limits<double>::infinity(); ///< now
        double most = std::numeric_limits<double>::infinity();  ///< after a pause

        /// The share of the lines that is left.
        [[nodiscard]] double part() const noexcept {
            return lines < std::numeric_limits<double>::infinity() ? std::max(lines, 0.0) / most : 1;
        }
    };

    /// Counts of readings; each reading is in one of them.
    struct Stats {
        std::uint64_t accepted = 0;
        std::uint64_t illegal = 0;    ///< an illegal name, a key twice, too many tags, or too long a text
        std::uint64_t not_finite = 0; ///< nan or infinite
        std::uint64_t repeated = 0;   ///< its series had a reading in the same run already; the first one counts
        std::uint64_t over_limit = 0; ///< of a series above `max_series`
        std::uint64_t thinned = 0;    ///< tables that were left out because too many lines would have been written

        [[nodiscard]] std::uint64_t refused() const noexcept { return illegal + not_finite + repeated + over_limit; }
        friend bool operator==(const Stats&, const Stats&) = default;
    };

    Readings();
    /// Throws UsageError for a negative step and for a `max_series` of 0.
    explicit Readings(const Options& options);
    Readings(Readings&&) noexcept;
    Readings& operator=(Readings&&) noexcept;
    ~Readings();

    /// Adds a reading: any integer except bool, or a floating-point number. Does not block. Allocates only for a new series,
    /// and while a run has more readings than any before. Throws UsageError, in the first run only, when a tag has the
    /// key of a tag in the options, because that is a wrong setting.
    template <class Number>
        requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
    void operator()(Name metric, Number value, std::initializer_list<Tag> tags = {}) {
        name(metric.text());
        for (const Tag& tag : tags) {
            add_tag(tag.key.text(), tag.value);
        }
        take(Value::checked(value));
    }

    /// The same with tags that are made at run time.
    template <class Number>
        requires(std::is_arithmetic_v<Number> && !std::same_as<Number, bool>)
    void operator()(Name metric, Number value, const Tags& tags) {
        name(metric.text());
        for (const auto& [key, text] : tags) {
            add_tag(key, text);
        }
        take(Value::checked(value));
    }

    /// Adds a sketch as the readings `metric.count`, `.sum`, `.max` and `.p99`; an empty sketch as
    /// `metric.count` only.
    void operator()(Name metric, const Sketch& sketch, std::initializer_list<Tag> tags = {});
    void operator()(Name metric, const Sketch& sketch, const Tags& tags);

    /// The time at which this run was due, which is the time of its points.
    [[nodiscard]] WallTime time() const noexcept;
    [[nodiscard]] Stats stats() const noexcept;

    /// Returns how many lines could be written without waiting when this run began.
    [[nodiscard]] const Room& room() const noexcept;
    /// The number of readings of this run so far.
    [[nodiscard]] std::size_t size() const noexcept;
    /// The number of these that may be left out if there is not enough room for lines (see Tables).
    [[nodiscard]] std::size_t spare() const noexcept;
    /// For Tables: the time of the points from here on, instead of the run's due time.
    void set_time(WallTime time) noexcept;
    /// For Tables: the step of series that are new from here on. 0: not known.
    void set_step(std::chrono::nanoseconds step) noexcept;
    /// For Tables: a table was left out.
    void count_thinned() noexcept;
    /// For Tables: adds to `spare`.
    void count_spare(std::size_t readings) noexcept;
    /// For Tables: takes back the readings of this run after the first `size`.
    void take_back(std::size_t size) noexcept;

    /// For Collector and the test kit: begins a run and drops the points that were not handed out. Uses the room of
    /// `memory` instead of allocating.
    void begin(WallTime due, std::vector<Point> memory = {});
    void begin(WallTime due, std::vector<Point> memory, const Room& room);
    /// The points since `begin`, in order.
    [[nodiscard]] std::vector<Point> points();

private:
    struct State;

    template <class AddTags>
    void take_sketch(std::string_view metric, const Sketch& sketch, AddTags add_tags);

    // Called in this order:
    void name(std::string_view metric);
    void add_tag(std::string_view key, std::string_view value);
    void take(std::optional<Value> value);

    std::unique_ptr<State> state_;
};
static_assert(std::is_aggregate_v<Readings::Options>);

} // namespace tickertape
