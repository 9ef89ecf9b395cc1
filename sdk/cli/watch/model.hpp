// SPDX-License-Identifier: MIT
/// \file
/// WatchModel: the series that `tickertape watch` shows, in bounded memory.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/circular_buffer.hpp>

#include <tickertape/time.hpp>

#include "cli/lines/line_shapes.hpp"
#include "cli/watch/series.hpp"

namespace tickertape::cli::watch {

struct WatchOptions {
    WatchSeriesOptions series{};
    /// The most series. Further series are not kept; their lines are counted.
    std::size_t max_series = 10'000;
    /// A series that was silent for this time is removed.
    std::chrono::milliseconds forget{900'000};
    /// Only metrics that match this pattern (`*` and `?`) are kept. Empty: all.
    std::string metric{};
};

/// A series and its name.
struct WatchedSeries {
    std::string text{};          ///< `metric k=v …`, sorted by key
    std::size_t metric_size = 0; ///< the length of the metric, with which the text begins
    WatchSeries data{};
    SteadyTime heard{};
    std::optional<std::size_t> max{}; ///< for a distribution's p99: the index of its maxima in `WatchModel::series()`
    std::optional<std::size_t> p99{}; ///< for a distribution's maxima: the index of its p99

    [[nodiscard]] std::string_view metric() const noexcept { return std::string_view{text}.substr(0, metric_size); }
};

/// Counts of lines that did not become readings, and of forgotten series.
struct WatchLosses {
    std::array<std::uint64_t, lines::line_faults> faults{};
    std::uint64_t without_room = 0; ///< lines of series beyond `max_series`
    std::uint64_t too_old = 0;      ///< readings older than all kept ones of their series
    std::uint64_t forgotten = 0;    ///< series that were removed because they were silent

    [[nodiscard]] std::uint64_t unusable() const noexcept;
};

/// The series and their readings. A copy is a snapshot.
///
/// Thread safety: one thread at a time.
class WatchModel {
public:
    explicit WatchModel(WatchOptions options) : options_{std::move(options)} {}

    /// Sets the current time. Call it before lines are added, and every second. Removes silent series; the others in `series()`
    /// then change places, and `generation()` changes.
    void set_time(SteadyTime now, WallTime wall);
    void add(std::string_view line);

    [[nodiscard]] const std::vector<WatchedSeries>& series() const noexcept { return series_; }
    [[nodiscard]] std::uint64_t generation() const noexcept { return losses_.forgotten; }
    [[nodiscard]] const WatchOptions& options() const noexcept { return options_; }

    /// Returns the newest timestamp, in milliseconds since 1970. It ignores timestamps more than a minute ahead of the clock,
    /// because one of them would push all others out of the picture.
    [[nodiscard]] std::int64_t edge() const noexcept;

    [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }
    /// The mean of the last ten seconds.
    [[nodiscard]] double lines_per_second() const noexcept;
    /// The time since the last line, or since the first call of `set_time`.
    [[nodiscard]] std::chrono::nanoseconds silence() const noexcept { return now_ - heard_; }
    [[nodiscard]] const WatchLosses& losses() const noexcept { return losses_; }

private:
    struct Count {
        SteadyTime time;
        std::uint64_t lines;
    };
    static constexpr std::size_t not_asked =
        static_cast<std::size_t>(-1); // the index for series that `WatchOptions::metric` excludes

    void take(const lines::LineShapes::Line& line);
    std::optional<std::size_t> learn(std::string_view line, const lines::PutLine& fields);
    void pair_up(std::size_t place);
    void forget_silent();

    WatchOptions options_;
    std::vector<WatchedSeries> series_;
    std::unordered_map<std::string, std::size_t> series_by_text_;
    lines::LineShapes shapes_;
    WatchLosses losses_;
    std::uint64_t lines_ = 0;
    std::int64_t newest_ = INT64_MIN;
    bool has_time_ = false;
    SteadyTime now_{};
    WallTime wall_{};
    SteadyTime heard_{};
    SteadyTime looked_{}; // when silent series were last looked for
    boost::circular_buffer<Count> counts_{21};
};

} // namespace tickertape::cli::watch
