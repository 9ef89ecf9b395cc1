// SPDX-License-Identifier: MIT
/// \file
/// Readings: what one run of a collector reads, where the series are known only when it looks.
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

/// Takes the readings of one run and makes points of them, all with the time at which the run was due. A collector's tick
/// gets it and calls it:
///
///     void report_load(const std::filesystem::path& proc, Readings& out) {
///         const Load load = read_load(proc);
///         out("proc.loadavg.1min", load.one_minute);
///         for (const Disk& disk : read_disks(proc)) {
///             out("disk.reads", disk.reads, {{"device", disk.name}});
///         }
///     }
///
/// What cannot be a point is left out and counted, and the others are unharmed; if a name is at fault, one sentence on
/// stderr says so when it is first seen.
///
/// Thread safety: none; one thread at a time.
class Readings {
public:
    /// What all readings have in common.
    struct Options {
        /// The distance of two runs; it becomes the step of each series. 0: none is known.
        std::chrono::nanoseconds step{0};
        /// On every reading, beside its own.
        Tags tags = {};
        /// How many series are remembered. At the limit those that the last two runs did not have are forgotten; if that does
        /// not help, readings of further series are refused and counted.
        std::size_t max_series = 100'000;
        /// As in SeriesOptions.
        bool reserve_host_tag = true;
    };

    /// How many lines may be written without waiting, as under tcollector. Infinite where there is no limit.
    struct Room {
        double lines = std::numeric_limits<double>::infinity(); ///< now
        double most = std::numeric_limits<double>::infinity();  ///< after a pause

        /// What part of the lines is left.
        [[nodiscard]] double part() const noexcept {
            return lines < std::numeric_limits<double>::infinity() ? std::max(lines, 0.0) / most : 1;
        }
    };

    /// What became of the readings so far: each is counted once.
    struct Stats {
        std::uint64_t accepted = 0;
        std::uint64_t illegal = 0;    ///< an illegal name, a key twice, too many tags, or too long a text
        std::uint64_t not_finite = 0; ///< nan or infinite
        std::uint64_t repeated = 0;   ///< its series had a reading in the same run already; the first one counts
        std::uint64_t over_limit = 0; ///< of a series above `max_series`
        std::uint64_t thinned = 0;    ///< tables that were left out, as too many lines would have been written

        [[nodiscard]] std::uint64_t refused() const noexcept { return illegal + not_finite + repeated + over_limit; }
        friend bool operator==(const Stats&, const Stats&) = default;
    };

    Readings();
    /// Throws UsageError for a negative step and for a `max_series` of 0.
    explicit Readings(const Options& options);
    Readings(Readings&&) noexcept;
    Readings& operator=(Readings&&) noexcept;
    ~Readings();

    /// Takes a reading: any integer but bool, or floating-point number. Does not block. Allocates only for a series that it has
    /// not seen, and while a run has more readings than any before. Throws UsageError in the first run alone, when a tag has the
    /// key of a tag in the options: that is a wrong setting.
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

    /// Takes how values are distributed, as `metric.count`, `.sum`, `.max` and `.p99`: each is a reading. Of an empty sketch it is
    /// the count alone.
    void operator()(Name metric, const Sketch& sketch, std::initializer_list<Tag> tags = {});
    void operator()(Name metric, const Sketch& sketch, const Tags& tags);

    /// When this run was due: the time of its points.
    [[nodiscard]] WallTime time() const noexcept;
    [[nodiscard]] Stats stats() const noexcept;

    /// When this run began.
    [[nodiscard]] const Room& room() const noexcept;
    /// How many readings this run has taken so far.
    [[nodiscard]] std::size_t size() const noexcept;
    /// How many of them could have been left out, had there been too few lines (see Tables).
    [[nodiscard]] std::size_t spare() const noexcept;
    /// For Tables: the time of the points from here on, in place of that at which the run was due.
    void set_time(WallTime time) noexcept;
    /// For Tables: the step of series that are new from here on. 0: none is known.
    void set_step(std::chrono::nanoseconds step) noexcept;
    /// For Tables: a table was left out.
    void count_thinned() noexcept;
    /// For Tables: adds to `spare`.
    void count_spare(std::size_t readings) noexcept;
    /// For Tables: takes back the readings of this run behind the first `size`.
    void take_back(std::size_t size) noexcept;

    /// For whoever calls ticks, as Collector and the test kit do: begins a run, and what it has not handed out is gone. What
    /// `memory` has room for is not allocated again.
    void begin(WallTime due, std::vector<Point> memory = {});
    void begin(WallTime due, std::vector<Point> memory, const Room& room);
    /// The points since `begin`, in order.
    [[nodiscard]] std::vector<Point> points();

private:
    struct State;

    template <class AddTags>
    void take_sketch(std::string_view metric, const Sketch& sketch, AddTags add_tags);

    // In this order:
    void name(std::string_view metric);
    void add_tag(std::string_view key, std::string_view value);
    void take(std::optional<Value> value);

    std::unique_ptr<State> state_;
};
static_assert(std::is_aggregate_v<Readings::Options>);

} // namespace tickertape
